# One image for every process of radiorate: the web server, the workers, beat and the one-shot migration.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY requirements.txt .
# pip compiles bytecode by default; without it every start would take three times as long.
RUN /venv/bin/pip install --require-hashes -r requirements.txt
WORKDIR /app
COPY . .
ENV STATIC_ROOT=/app/staticfiles
RUN /venv/bin/python -m compileall -q . && /venv/bin/python manage.py collectstatic --no-input --verbosity 0

FROM python:3.13-slim
# A fixed number, so that the owner of a mounted folder can be set before the first start.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin radiorate \
    && install --directory --owner radiorate --mode 0700 /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR=/data STATIC_ROOT=/app/staticfiles
USER radiorate
EXPOSE 8000
CMD ["gunicorn", "radiorate.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", \
     "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
