"""Addresses of the generation room."""

from django.urls import path

from generation.views import batches, editing, generators, importing, jobs, launching, ledger, quality

app_name = "generation"
urlpatterns = [
    path("", batches.batches, name="batches"),
    path("launch/", launching.launch, name="launch"),
    path("import/", importing.bring_in, name="import"),
    path("mask/<uuid:pk>/", editing.edit, name="edit"),
    path("<int:pk>/", batches.batch, name="batch"),
    path("<int:pk>/pause/", batches.pause, name="pause"),
    path("<int:pk>/go-on/", batches.go_on, name="go_on"),
    path("<int:pk>/cancel/", batches.cancel, name="cancel"),
    path("<int:pk>/resume/", batches.resume, name="resume"),
    path("<int:pk>/settle/", batches.settle_all, name="settle_all"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    *(
        path(f"jobs/<int:pk>/{name}/", editing.edit_file, {"name": name}, name=name)
        for name in ("mask", "delivered", "distance")
    ),
    path("jobs/<int:pk>/settle/", jobs.settle_one, name="settle"),
    path("jobs/<int:pk>/retry/", jobs.retry, name="retry"),
    path("near-copies/", quality.near_copies, name="near_copies"),
    path("near-copies/again/", quality.compare_again, name="compare_again"),
    path("outputs/<int:pk>/keep/", quality.keep, name="keep"),
    path("outputs/<int:pk>/exclude/", quality.exclude, name="exclude"),
    path("outputs/<int:pk>/take-back/", quality.take_back, name="take_back"),
    path("<int:pk>/budget/", ledger.set_budget, name="set_budget"),
    path("generators/", generators.generators, name="generators"),
    path("generators/new/", generators.new_generator, name="new_generator"),
    path("generators/<int:pk>/", generators.generator, name="generator"),
    path("generators/<int:pk>/prices/", generators.add_price, name="add_price"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/csv/", ledger.export_ledger, name="export_ledger"),
    path("ledger/limit/", ledger.set_limit, name="set_limit"),
    path("ledger/settle/", ledger.settle_attempts, name="settle_attempts"),
    path("ledger/restored/", ledger.resume_after_restore, name="resume_after_restore"),
]
