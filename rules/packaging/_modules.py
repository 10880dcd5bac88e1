"""Which distribution a top-level module comes from, where their names differ.

Read on 2026-11-22. Each row names its source: `p` is the file `pipreqs/mapping` of the repository bndr/pipreqs,
`o` the distribution's own public repository, whose packaging files have the name and install the module,
`w` the list of files in the installed wheel. Further distributions follow that may install the same module:
they have no source, and only keep the rules silent. Where both names are the same no source is named.
"""

from __future__ import annotations

from cdlint.project import Project
from cdlint.project.stated import normal

_TABLE = """
Crypto=pycryptodome:p,pycrypto MySQLdb=mysqlclient:o,mysql-python OpenSSL=pyopenssl:p PIL=pillow:p attr=attrs:w
bs4=beautifulsoup4:p,bs4 cairosvg=cairosvg:o corsheaders=django-cors-headers:o crispy_forms=django-crispy-forms:p
cv2=opencv-python:p,opencv-python-headless,opencv-contrib-python dateutil=python-dateutil:p decouple=python-decouple:p
dj_rest_auth=dj-rest-auth:o django_filters=django-filter:o dns=dnspython:p docx=python-docx:o
dotenv=python-dotenv:p,dotenv,django-dotenv drf_yasg=drf-yasg:o engineio=python-engineio:p
environ=django-environ:o,environ-config fitz=pymupdf:o flask_sqlalchemy=flask-sqlalchemy:w,flask-sqlalchemy-lite
git=gitpython:p jinja2=jinja2:p jose=python-jose:p,jose jwt=pyjwt:p,jwt ldap=python-ldap:p
magic=python-magic:p,file-magic,python-magic-bin markdown=markdown:p nacl=pynacl:o ninja=django-ninja:o,ninja
pptx=python-pptx:o psycopg2=psycopg2:o,psycopg2-binary,psycopg2cffi pymysql=pymysql:o
pythonjsonlogger=python-json-logger:p rest_framework=djangorestframework:p
rest_framework_simplejwt=djangorestframework-simplejwt:o,drf-simplejwt serial=pyserial:p sklearn=scikit-learn:p
slugify=python-slugify:p,unicode-slugify,awesome-slugify socketio=python-socketio:p storages=django-storages:p
tortoise=tortoise-orm:o usb=pyusb:p websocket=websocket-client:p yaml=pyyaml:p,ruamel-yaml zmq=pyzmq:p
debug_toolbar=django-debug-toolbar:o allauth=django-allauth:o import_export=django-import-export:o
simple_history=django-simple-history:o mptt=django-mptt:p taggit=django-taggit:p
rest_framework_nested=drf-nested-routers:o email_validator=email-validator:o multipart=python-multipart:o,multipart
python_multipart=python-multipart:o argon2=argon2-cffi:o,argon2-cffi-bindings flask_jwt_extended=flask-jwt-extended:o
flask_login=flask-login:o flask_migrate=flask-migrate:o flask_wtf=flask-wtf:o flask_cors=flask-cors:o
flask_mail=flask-mail:o,flask-mailman flask_bcrypt=flask-bcrypt:o flask_restful=flask-restful:o
flask_restx=flask-restx:o flask_smorest=flask-smorest:o flask_marshmallow=flask-marshmallow:o
flask_caching=flask-caching:o flask_limiter=flask-limiter:o flask_babel=flask-babel:o
pydantic_settings=pydantic-settings:w sqlalchemy_utils=sqlalchemy-utils:o psycopg_pool=psycopg-pool:o
marshmallow_sqlalchemy=marshmallow-sqlalchemy:o dj_database_url=dj-database-url:o
django_celery_beat=django-celery-beat:o django_celery_results=django-celery-results:o
django_extensions=django-extensions:o django_redis=django-redis:o,django-redis-cache drf_spectacular=drf-spectacular:o
aiohttp_cors=aiohttp-cors:o aiohttp_jinja2=aiohttp-jinja2:o sentry_sdk=sentry-sdk:o fastapi_mail=fastapi-mail:o
prometheus_client=prometheus-client:o apscheduler=apscheduler:o
"""
# Modules that bear the name of their distribution.
_SAME = """
aiofiles aiohttp aiosqlite alembic anyio arrow asgiref asyncpg bcrypt bleach boto3 botocore celery channels click
cryptography daphne databases django environs fastapi flask gunicorn hiredis httpx hypercorn itsdangerous jsonschema
kombu loguru mako marshmallow motor numpy openpyxl orjson pandas passlib peewee pendulum psutil psycopg pydantic
pymongo pyotp pytz qrcode redis requests rq schedule slowapi sqlalchemy sqlmodel starlette stripe structlog tenacity
typer ujson uvicorn uvloop werkzeug whitenoise wtforms xlsxwriter
"""


def providers(project: Project) -> dict[str, tuple[str, ...]]:
    """Top-level module -> the distributions that install it, the usual one first."""
    found: dict[str, tuple[str, ...]] = {}
    for row in _TABLE.split():
        module, _, names = row.partition("=")
        usual, *others = names.split(",")
        found[module] = (normal(usual.partition(":")[0]), *others)
    found.update({name: (name,) for name in _SAME.split()})
    return found
