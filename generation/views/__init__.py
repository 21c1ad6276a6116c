"""Pages of the generation room, for admins: one file a subject."""
