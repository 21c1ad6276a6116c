"""How static files are named: by their content, ES module imports included, so browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Hashed and compressed copies; `import` paths inside ES modules are rewritten too."""

    support_js_module_import_aggregation = True
