"""Which distribution a top-level module comes from, where their names differ.

Read on 2026-11-22. Each row names its source: `p` is the mapping file of pipreqs, `w` the list of top-level
modules in a wheel of the distribution itself. Further distributions that install the same module follow.
"""

from __future__ import annotations

from cdlint.project import Project
from cdlint.project.stated import normal

_TABLE = """
Crypto=pycryptodome:p,pycrypto MySQLdb=mysqlclient:w,mysql-python OpenSSL=pyopenssl:p PIL=pillow:p attr=attrs:w
bs4=beautifulsoup4:p,bs4 cairosvg=cairosvg:p corsheaders=django-cors-headers:w crispy_forms=django-crispy-forms:p
cv2=opencv-python:p,opencv-python-headless,opencv-contrib-python dateutil=python-dateutil:p
decouple=python-decouple:p dj_rest_auth=dj-rest-auth:w django_filters=django-filter:w dns=dnspython:p
docx=python-docx:w dotenv=python-dotenv:p,dotenv,django-dotenv drf_yasg=drf-yasg:w engineio=python-engineio:p
environ=django-environ:w,environ-config fitz=pymupdf:w flask_sqlalchemy=flask-sqlalchemy:w,flask-sqlalchemy-lite
git=gitpython:p jinja2=jinja2:p jose=python-jose:p,jose jwt=pyjwt:p,jwt ldap=python-ldap:p
magic=python-magic:p,file-magic,python-magic-bin markdown=markdown:p nacl=pynacl:w ninja=django-ninja:w,ninja
pptx=python-pptx:w psycopg2=psycopg2:w,psycopg2-binary,psycopg2cffi pymysql=pymysql:w
pythonjsonlogger=python-json-logger:p rest_framework=djangorestframework:p
rest_framework_simplejwt=djangorestframework-simplejwt:w,drf-simplejwt serial=pyserial:p sklearn=scikit-learn:p
slugify=python-slugify:p,unicode-slugify,awesome-slugify socketio=python-socketio:p storages=django-storages:p
tortoise=tortoise-orm:w usb=pyusb:p websocket=websocket-client:p yaml=pyyaml:p,ruamel-yaml zmq=pyzmq:p
debug_toolbar=django-debug-toolbar:w allauth=django-allauth:w import_export=django-import-export:w
simple_history=django-simple-history:w mptt=django-mptt:w taggit=django-taggit:w
rest_framework_nested=drf-nested-routers:w email_validator=email-validator:w multipart=python-multipart:w,multipart
python_multipart=python-multipart:w argon2=argon2-cffi:w,argon2-cffi-bindings
flask_jwt_extended=flask-jwt-extended:w flask_login=flask-login:w flask_migrate=flask-migrate:w
flask_wtf=flask-wtf:w flask_cors=flask-cors:w flask_mail=flask-mail:w,flask-mailman flask_bcrypt=flask-bcrypt:w
flask_restful=flask-restful:w flask_restx=flask-restx:w flask_smorest=flask-smorest:w
flask_marshmallow=flask-marshmallow:w flask_caching=flask-caching:w flask_limiter=flask-limiter:w
flask_babel=flask-babel:w pydantic_settings=pydantic-settings:w sqlalchemy_utils=sqlalchemy-utils:w
psycopg_pool=psycopg-pool:w marshmallow_sqlalchemy=marshmallow-sqlalchemy:w dj_database_url=dj-database-url:w
django_celery_beat=django-celery-beat:w django_celery_results=django-celery-results:w
django_extensions=django-extensions:w django_redis=django-redis:w,django-redis-cache
drf_spectacular=drf-spectacular:w aiohttp_cors=aiohttp-cors:w aiohttp_jinja2=aiohttp-jinja2:w
sentry_sdk=sentry-sdk:w fastapi_mail=fastapi-mail:w prometheus_client=prometheus-client:w apscheduler=apscheduler:w
"""
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
