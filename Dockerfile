# Everything that changes with the code only is built in: packages, translations, static files.
ARG PYTHON_IMAGE=python:3.11-slim
FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /venv
COPY requirements/production.txt /tmp/production.txt
RUN /venv/bin/pip install --require-hashes --only-binary :all: -r /tmp/production.txt
WORKDIR /app
COPY . .
# The settings want to be told where servers and keys are; nothing here asks them.
RUN DATABASE_URL=postgresql:///none REDIS_URL=redis://none SECRET_KEY=none CONCERN_KEYS=none \
    /venv/bin/python manage.py prepare

FROM ${PYTHON_IMAGE}
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --no-create-home mentoring \
    && install -d -m 700 -o mentoring /data /data/media /data/beat
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER mentoring
ENV MEDIA_ROOT=/data/media BEAT_SCHEDULE_FILE=/data/beat/schedule
EXPOSE 8000
# `exec` makes gunicorn the process that Docker stops.
CMD ["sh", "-c", "exec gunicorn mentoring.wsgi --preload --bind 0.0.0.0:8000 --workers ${WEB_WORKERS:-2} --threads 4 --worker-tmp-dir /dev/shm --no-control-socket"]
