"""What distributions require when they are installed: read on 2026-11-22 from lock files and packaging files.

Each row names the newest release that it was read for; what an older release required as well is kept, so
that a row rather says too much. A row with brackets is what an extra adds. What has no row is not known
here, and nothing is said of a program that installs it without a lock file.
"""

from __future__ import annotations

from cdlint.project import Project

# From the lock files of public repositories, in which the installer noted what the metadata of each release says.
_TABLE = """
aiofiles==25.1.0 aiohappyeyeballs==2.7.1
aiohttp==3.14.3:aiohappyeyeballs,aiosignal,async-timeout,attrs,frozenlist,multidict,propcache,typing-extensions,
yarl aiohttp-cors==0.8.1:aiohttp aiosignal==1.4.0:frozenlist,typing-extensions aiosmtplib==5.0.0 aiosqlite==0.22.1
alabaster==1.0.0 alembic==1.19.1:mako,python-dateutil,python-editor,sqlalchemy,tomli,typing-extensions
amqp==5.3.1:vine aniso8601==10 annotated-doc==0.0.5 annotated-types==0.8.0:typing-extensions
anthropic==0.39.0:anyio,distro,httpx,jiter,pydantic,sniffio,typing-extensions
anyio==4.14.2:exceptiongroup,idna,sniffio,typing-extensions appdirs==1.4.4 appnope==0.1.4
apscheduler==4.0.0a6:anyio,attrs,pytz,setuptools,six,tenacity,tzlocal argon2-cffi==25.1.0:argon2-cffi-bindings
argon2-cffi-bindings==25.1.0:cffi arrow==1.4.0:python-dateutil,types-python-dateutil,tzdata
asgi-lifespan==2.1.0:sniffio asgiref==3.12.1:typing-extensions asn1crypto==1.5.1 ast-serialize==0.8.0
astroid==4.0.2:lazy-object-proxy,typing-extensions,wrapt asttokens==3.0.2:six async-timeout==5.0.1:typing-extensions
asyncpg==0.31.0:async-timeout atomicwrites==1.4.0 attrs==26.1.0:importlib-metadata
authlib==1.7.2:cryptography,joserfc
autobahn==25.12.2:cbor2,cffi,cryptography,hyperlink,msgpack,py-ubjson,txaio,u-msgpack-python,ujson automat==25.4.16
azure-common==1.1.28 azure-core==1.41.0:requests,typing-extensions
azure-identity==1.25.3:azure-core,cryptography,msal,msal-extensions,typing-extensions
azure-mgmt-core==1.6.0:azure-core babel==2.18.0 backcall==0.2.0 backoff==2.2.1 backrefs==6.2 bcrypt==5.0.0:cffi,six
beautifulsoup4==4.15.0:soupsieve,typing-extensions billiard==4.2.4
black==26.5.1:click,mypy-extensions,packaging,pathspec,platformdirs,pytokens,tomli,typing-extensions
bleach==6.4.0:six,webencodings blinker==1.9.0 boto3==1.43.70:botocore,jmespath,s3transfer
botocore==1.43.70:jmespath,python-dateutil,urllib3 cachelib==0.14.0 cachetools==7.1.6 cbor2==5.9.0
celery==5.6.3:billiard,click,click-didyoumean,click-plugins,click-repl,exceptiongroup,kombu,python-dateutil,pytz,
tzlocal,vine certifi==2026.7.22 cffi==2.1.1:pycparser cfgv==3.5.0 channels==4.3.2:asgiref,django
channels-redis==4.1.0:asgiref,channels,msgpack,redis chardet==7.4.3 charset-normalizer==3.5.0 ciso8601==2.3
click==8.4.2:colorama,importlib-metadata click-didyoumean==0.3.1:click click-plugins==1.1.1.2:click
click-repl==0.3.0:click,prompt-toolkit,six colorama==0.4.6 constantly==23.10.4 coverage==7.15.4
cron-descriptor==2.0.8:typing-extensions cryptography==50.0.0:cffi,typing-extensions
cssutils==2.14.0:encutils,more-itertools daphne==4.0.0:asgiref,autobahn,twisted[tls] databases==0.9.0:sqlalchemy
debugpy==1.8.21 decorator==5.3.1 defusedxml==0.7.1 dennis==1.2.0:click,polib deprecated==1.3.1:wrapt
detect-installer==0.1.0 dill==0.4.0 distlib==0.4.3 distro==1.9.0 dj-database-url==3.1.2:django
django==6.0.8:asgiref,pytz,sqlparse,tzdata
django-celery-beat==2.9.0:celery,cron-descriptor,django,django-timezone-field,python-crontab,tzdata
django-cors-headers==4.9.0:asgiref,django django-debug-toolbar==7.1.0:django,sqlparse django-environ==0.14.0
django-extensions==4.1:django,six django-filter==26.1:django django-ninja==1.6.3:django,pydantic
django-ratelimit==4.1.0 django-redis==7.0.0:django,redis,typing-extensions
django-simple-history==3.13.0:asgiref,django,six django-storages==1.14.6:django
django-stubs==6.0.9:django,django-stubs-ext,tomli,types-pyyaml,typing-extensions
django-stubs-ext==6.1.0:django,typing-extensions django-timezone-field==7.2.2:django django-treebeard==5.3.0:django
djangorestframework==3.18.0:django djangorestframework-simplejwt==5.5.1:django,djangorestframework,pyjwt
djoser==2.3.3:django,djangorestframework,djangorestframework-simplejwt,social-auth-app-django dnspython==2.8.0
docker==7.2.0:pywin32,requests,urllib3 docstring-parser==0.18.0 docutils==0.22.4 dramatiq==2.0.0
drf-spectacular==0.30.0:django,djangorestframework,inflection,jsonschema,pyyaml,typing-extensions,uritemplate
ecdsa==0.19.2:six elastic-transport==9.4.2:certifi,sniffio,urllib3
elasticsearch==9.4.1:anyio,certifi,elastic-transport,python-dateutil,sniffio,typing-extensions,urllib3
email-validator==2.3.0:dnspython,idna encutils==1.0.0:chardet
environs==14.6.0:marshmallow,python-dotenv,typing-extensions et-xmlfile==2.0.0
exceptiongroup==1.3.1:typing-extensions execnet==2.1.2 executing==2.2.1 factory-boy==3.3.3:faker
faker==40.36.0:python-dateutil,text-unidecode,tzdata
fastapi==0.165.0:annotated-doc,anyio,opentelemetry-api,pydantic,starlette,typing-extensions,typing-inspection
fastapi-cli==0.0.32:rich-toolkit,typer,uvicorn[standard]
fastapi-cloud-cli==0.21.0:detect-installer,fastar,httpx,pydantic[email],rich-toolkit,rignore,sentry-sdk,typer,
uvicorn[standard] fastapi-mail==1.4.1:aiosmtplib,blinker,email-validator,jinja2,pydantic,pydantic-settings,starlette
fastar==0.11.0 filelock==3.31.1 filetype==1.2.0 flake8==7.3.0:mccabe,pycodestyle,pyflakes
flake8-isort==4.1.1:flake8,isort,testfixtures
flask==3.1.3:blinker,click,importlib-metadata,itsdangerous,jinja2,markupsafe,werkzeug
flask-babel==4.0.0:babel,flask,jinja2,pytz flask-bcrypt==1.0.1:bcrypt,flask flask-caching==2.4.1:cachelib,flask
flask-cors==6.0.5:flask,werkzeug flask-debugtoolbar==0.16.0:blinker,flask,itsdangerous,werkzeug
flask-jwt-extended==4.6:flask,pyjwt,werkzeug flask-limiter==4.1.1:flask,limits,ordered-set,typing-extensions
flask-login==0.6.3:flask,werkzeug flask-mail==0.10.0:blinker,flask flask-marshmallow==0.10.1:flask,marshmallow,six
flask-migrate==2.5.3:alembic,flask,flask-sqlalchemy flask-restful==0.3.10:aniso8601,flask,pytz,six
flask-restx==1.3.2:aniso8601,flask,importlib-resources,jsonschema,pytz,referencing,werkzeug
flask-smorest==0.46.2:apispec[marshmallow],flask,marshmallow,webargs,werkzeug
flask-sqlalchemy==3.1.1:flask,sqlalchemy flask-wtf==1.3.0:flask,itsdangerous,wtforms
flower==2.1.0:celery,humanize,prometheus-client,pytz,tornado freezegun==1.5.5:python-dateutil frozenlist==1.8.0
gevent==26.8.0:cffi,greenlet,zope-event,zope-interface ghp-import==2.1.0:python-dateutil
google-api-core==2.30.3:google-auth,googleapis-common-protos,importlib-metadata,proto-plus,protobuf,requests
google-api-python-client==2.198.0:google-api-core,google-auth,google-auth-httplib2,httplib2,rsa,six,uritemplate
google-auth==2.56.3:cachetools,cryptography,pyasn1-modules,rsa google-auth-httplib2==0.3.1:google-auth,httplib2,six
google-cloud-core==2.5.1:google-api-core,google-auth
google-cloud-storage==3.10.1:google-api-core,google-auth,google-cloud-core,google-crc32c,google-resumable-media,
requests google-crc32c==1.8.0 google-resumable-media==2.8.2:google-crc32c googleapis-common-protos==1.75.1:protobuf
graphql-core==3.2.11:promise,rx,six greenlet==3.5.5 griffelib==2.1.0
grpc-google-iam-v1==0.14.4:googleapis-common-protos[grpc],grpcio,protobuf grpcio==1.82.1:typing-extensions
grpcio-status==1.80.0:googleapis-common-protos,grpcio,protobuf
gunicorn==26.0.0:importlib-metadata,packaging,setuptools h11==0.16.0 h2==4.4.1:hpack,hyperframe hiredis==3.3.0
hpack==4.2.0 html5lib==1.1:six,webencodings httpcore==1.0.9:anyio,certifi,h11,sniffio
httpcore2==2.10.0:h11,truststore httplib2==0.32.0:pyparsing httptools==0.8.0
httpx==0.28.1:anyio,certifi,httpcore,idna,rfc3986[idna2008],sniffio httpx-sse==0.4.3
httpx2==2.10.0:anyio,httpcore2,httpx2-jsfetch,idna,truststore httpx2-jsfetch==1.0 huey==2.5.5 humanize==4.16.0
hypercorn==0.18.0:h11,h2,priority,wsproto hyperframe==6.1.0 hyperlink==21.0.0:idna identify==2.6.19 idna==3.18
imagesize==2.0.0 importlib-metadata==9.0.0:zipp importlib-resources==7.1.0 incremental==24.11.0:packaging
inflection==0.5.1 iniconfig==2.3.0 ipdb==0.13.13:decorator,ipython,toml
ipython==9.15.0:appnope,backcall,colorama,decorator,exceptiongroup,ipython-pygments-lexers,jedi,matplotlib-inline,
pexpect,pickleshare,prompt-toolkit,psutil,pygments,stack-data,traitlets,typing-extensions
ipython-pygments-lexers==1.1.1:pygments iso8601==2.1 isodate==0.7.2 isort==8.0.1 itsdangerous==2.2.0
jedi==0.20.0:parso jinja2==3.1.6:markupsafe jiter==0.16.0 jmespath==1.1.0 joblib==1.5.3
josepy==2.2.0:cryptography,pyopenssl joserfc==1.7.4:cryptography json5==0.13.0 jsonpatch==1.33:jsonpointer
jsonpointer==3.1.1 jsonschema==4.26.0:attrs,jsonschema-specifications,referencing,rpds-py
jsonschema-specifications==2025.9.1:referencing kombu==5.6.2:amqp,packaging,tzdata,vine
langchain==1.3.14:aiohttp,async-timeout,langchain-core,langchain-text-splitters,langgraph,langsmith,numpy,
pydantic,pyyaml,requests,sqlalchemy,tenacity
langchain-core==1.5.1:jsonpatch,langchain-protocol,langsmith,packaging,pydantic,pyyaml,tenacity,typing-extensions,
uuid-utils langchain-protocol==0.0.17:typing-extensions langchain-text-splitters==0.3.2:langchain-core
langgraph==1.2.5:langchain-core,langgraph-checkpoint,langgraph-prebuilt,langgraph-sdk,pydantic,xxhash
langgraph-checkpoint==4.1.1:langchain-core,msgpack,ormsgpack
langgraph-prebuilt==1.1.0:langchain-core,langgraph-checkpoint
langgraph-sdk==0.4.2:httpx,httpx-sse,langchain-core,langchain-protocol,orjson,websockets
langsmith==0.8.18:httpx,orjson,packaging,pydantic,requests,requests-toolbelt,uuid-utils,websockets,xxhash,zstandard
lazy-object-proxy==1.12.0 ldap3==2.9.1:pyasn1 librt==0.15.0 limits==5.8.0:deprecated,packaging,typing-extensions
loguru==0.7.3:colorama,win32-setctime lxml==6.1.1 mako==1.4.1:markupsafe markdown==3.10.3:importlib-metadata
markdown-it-py==4.2.0:mdurl markupsafe==3.0.3 marshmallow==3.26.2:packaging
marshmallow-sqlalchemy==0.17.0:marshmallow,sqlalchemy matplotlib-inline==0.2.2:traitlets maxminddb==3.1.1
mccabe==0.7.0 mdit-py-plugins==0.6.1:markdown-it-py mdurl==0.1.2 mergedeep==1.3.4 mistune==3.3.4:typing-extensions
mkdocs==1.6.1:click,colorama,ghp-import,jinja2,markdown,markupsafe,mergedeep,mkdocs-get-deps,packaging,pathspec,
pyyaml,pyyaml-env-tag,watchdog mkdocs-get-deps==0.2.2:mergedeep,platformdirs,pyyaml
mkdocs-material==9.7.7:babel,backrefs,colorama,jinja2,markdown,mkdocs,mkdocs-material-extensions,paginate,
pygments,pymdown-extensions,regex,requests mkdocs-material-extensions==1.3.1 more-itertools==11.1.0
moto==5.2.2:boto3,botocore,cryptography,importlib-metadata,jinja2,python-dateutil,requests,responses,werkzeug,
xmltodict mozilla-django-oidc==5.0.2:cryptography,django,josepy,pyjwt,requests
msal==1.37.0:cryptography,pyjwt[crypto],requests msal-extensions==1.3.1:msal msgpack==1.2.1
multidict==6.7.1:typing-extensions mypy==2.3.0:ast-serialize,librt,mypy-extensions,pathspec,tomli,typing-extensions
mypy-extensions==1.1.0 mysqlclient==2.2.4
myst-parser==5.1.0:docutils,jinja2,markdown-it-py,mdit-py-plugins,pyyaml,sphinx nest-asyncio==1.6.0 nh3==0.3.6
nodeenv==1.10.0:setuptools numpy==2.4.4 oauthlib==3.3.1
openai==3.0.0:anyio,distro,httpx,httpx2,jiter,pydantic,sniffio,tqdm,typing-extensions openpyxl==3.1.5:et-xmlfile
opentelemetry-api==1.44.0:deprecated,importlib-metadata,typing-extensions
opentelemetry-exporter-otlp-proto-common==1.44.0:opentelemetry-proto
opentelemetry-exporter-otlp-proto-grpc==1.44.0:deprecated,googleapis-common-protos,grpcio,opentelemetry-api,
opentelemetry-exporter-otlp-proto-common,opentelemetry-proto,opentelemetry-sdk,typing-extensions
opentelemetry-exporter-otlp-proto-http==1.44.0:deprecated,googleapis-common-protos,opentelemetry-api,
opentelemetry-exporter-otlp-proto-common,opentelemetry-proto,opentelemetry-sdk,requests,typing-extensions
opentelemetry-instrumentation==0.65b0:opentelemetry-api,opentelemetry-semantic-conventions,packaging,wrapt
opentelemetry-proto==1.44.0:protobuf
opentelemetry-sdk==1.44.0:opentelemetry-api,opentelemetry-semantic-conventions,typing-extensions
opentelemetry-semantic-conventions==0.65b0:deprecated,opentelemetry-api,typing-extensions
opentelemetry-util-http==0.65b0 oracledb==3.4.2:cryptography,typing-extensions ordered-set==4.1.0 orjson==3.11.9
ormsgpack==1.12.2 packaging==26.3:pyparsing paginate==0.5.7 pandas==2.3.3:numpy,python-dateutil,pytz,tzdata
parso==0.8.7 passlib==1.7.4 pathspec==1.1.1 pbr==7.0.3:setuptools peewee==3.19.0
pendulum==3.1.0:python-dateutil,tzdata pexpect==4.9.0:ptyprocess pickleshare==0.7.5 pillow==12.3.0
platformdirs==4.10.1:typing-extensions playwright==1.62.0:greenlet,pyee pluggy==1.6.0:importlib-metadata
polib==1.2.0 pre-commit==4.6.1:cfgv,identify,nodeenv,pyyaml,virtualenv prek==0.4.11 priority==2.0.0
prometheus-client==0.26.0 promise==2.3:six prompt-toolkit==3.0.53:wcwidth propcache==0.5.2
proto-plus==1.27.2:protobuf protobuf==7.35.1 psutil==7.2.2 psycopg==3.3.4:typing-extensions,tzdata
psycopg-binary==3.3.4 psycopg-pool==3.3.0:typing-extensions psycopg2==2.9 psycopg2-binary==2.9.12 ptyprocess==0.7.0
pure-eval==0.2.3 pwdlib==0.3.0 py==1.11.0 py-ubjson==0.16.1 pyasn1==0.6.4 pyasn1-modules==0.4.2:pyasn1
pycodestyle==2.14.0 pycparser==3.0
pydantic==2.13.4:annotated-types,pydantic-core,typing-extensions,typing-inspection
pydantic-core==2.46.4:typing-extensions pydantic-extra-types==2.11.1:pydantic,typing-extensions
pydantic-settings==2.15.0:pydantic,python-dotenv,typing-inspection pyee==13.0.1:typing-extensions pyflakes==3.4.0
pygithub==2.9.1:deprecated,pyjwt[crypto],pynacl,requests,typing-extensions,urllib3 pygments==2.20.0
pyinstrument==5.1.3 pyjwt==2.13.0:typing-extensions
pylint==4.0.2:astroid,colorama,dill,isort,mccabe,platformdirs,tomli,tomlkit,typing-extensions
pymdown-extensions==11.0.1:markdown,pyyaml pymysql==1.1.1 pynacl==1.6.2:cffi
pyopenssl==26.4.0:cryptography,six,typing-extensions pyotp==2.9.0 pyparsing==3.3.2
pypika-tortoise==0.3:typing-extensions pyright==1.1.411:nodeenv,typing-extensions
pytest==9.1.1:atomicwrites,attrs,colorama,exceptiongroup,importlib-metadata,iniconfig,packaging,pluggy,py,
pygments,toml,tomli pytest-asyncio==1.4.0:pytest,typing-extensions
pytest-cov==7.1.0:coverage,coverage[toml],pluggy,pytest pytest-django==4.12.0:pytest
pytest-env==1.6.0:pytest,python-dotenv,tomli pytest-flask==1.3.0:flask,pytest,werkzeug
pytest-forked==1.4.0:py,pytest pytest-mock==3.15.1:pytest pytest-recording==0.13.4:pytest,vcrpy
pytest-socket==0.8.0:pytest pytest-sugar==1.1.1:pytest,termcolor pytest-xdist==3.8.0:execnet,pytest,pytest-forked
python-crontab==3.3.0 python-dateutil==2.9.0.post0:six python-decouple==3.8
python-discovery==1.4.4:filelock,platformdirs python-dotenv==1.2.2 python-editor==1.0.4
python-jose==3.5.0:ecdsa,pyasn1,rsa python-json-logger==4.0.0 python-multipart==0.0.32:six
python-slugify==8.0.4:text-unidecode python3-openid==3.2.0:defusedxml pytokens==0.4.1 pytz==2026.3.post1
pywin32==312 pyyaml==6.0.3 pyyaml-env-tag==1.1:pyyaml qrcode==8.2:colorama rapidfuzz==3.14.5
redis==8.0.0:async-timeout,importlib-metadata,packaging,pyjwt,typing-extensions
referencing==0.37.0:attrs,rpds-py,typing-extensions regex==2026.7.19
requests==2.34.2:certifi,charset-normalizer,idna,urllib3 requests-mock==1.12.1:requests,six
requests-oauthlib==2.0.0:oauthlib,requests requests-toolbelt==1.0.0:requests
responses==0.26.2:pyyaml,requests,toml,types-toml,typing-extensions,urllib3 respx==0.23.1:httpx
restructuredtext-lint==2.0.2:docutils rfc3339-validator==0.1.4:six rfc3986==2.0.0
rich==15.0.0:markdown-it-py,pygments,typing-extensions rich-toolkit==0.20.1:click,rich,typing-extensions
rignore==0.7.6 roman-numerals==4.1.0 roman-numerals-py==4.1.0:roman-numerals rpds-py==2026.6.3
rq==2.0:click,croniter,redis rsa==4.9.1:pyasn1 ruamel-yaml==0.19.1:ruamel-yaml-clib ruamel-yaml-clib==0.2.15
ruff==0.16.3 rx==1.6.3 s3transfer==0.19.2:botocore sentry-sdk==2.67.1:certifi,urllib3 setuptools==83.0.0
shellingham==1.5.4 simplejson==4.1.1 six==1.17.0 slowapi==0.1.9:limits sniffio==1.3.1 snowballstemmer==3.1.1
social-auth-app-django==5.6.0:django,social-auth-core
social-auth-core==4.4.2:cryptography,defusedxml,oauthlib,pyjwt,python3-openid,requests,requests-oauthlib
sortedcontainers==2.4.0 soupsieve==2.9.2
sphinx==9.1.0:alabaster,babel,colorama,docutils,imagesize,jinja2,packaging,pygments,requests,roman-numerals,
roman-numerals-py,snowballstemmer,sphinxcontrib-applehelp,sphinxcontrib-devhelp,sphinxcontrib-htmlhelp,
sphinxcontrib-jsmath,sphinxcontrib-qthelp,sphinxcontrib-serializinghtml,tomli
sphinx-autobuild==2025.8.25:colorama,sphinx,starlette,uvicorn,watchfiles,websockets
sphinx-tabs==3.5.0:docutils,pygments,sphinx sphinxcontrib-applehelp==2.0.0 sphinxcontrib-devhelp==2.0.0
sphinxcontrib-htmlhelp==2.1.0 sphinxcontrib-jsmath==1.0.1 sphinxcontrib-qthelp==2.0.0
sphinxcontrib-serializinghtml==2.0.0 sqlalchemy==2.1.9:importlib-metadata,typing-extensions
sqlalchemy-utils==0.42.1:sqlalchemy sqlparse==0.6.0 sse-starlette==3.4.8:anyio,fastapi,starlette,uvicorn
stack-data==0.6.3:asttokens,executing,pure-eval starlette==1.6.0:anyio,typing-extensions stevedore==5.9.0:pbr
stripe==14.4.1:requests,typing-extensions structlog==26.1.0 tabulate==0.10.0 tblib==3.2.2 tenacity==9.1.4
termcolor==3.3.0 testfixtures==7.2.2 text-unidecode==1.3 tinycss2==1.5.1:webencodings toml==0.10.2 tomli==2.4.1
tomli-w==1.2.0 tomlkit==0.14.0 tornado==6.5.8
tortoise-orm==0.20.1:aiosqlite,iso8601,pypika-tortoise,pytz,anyio,ciso8601,orjson,uvloop,typing-extensions
tqdm==4.70.0:colorama traitlets==5.15.1 truststore==0.10.4
twisted==25.5.0:attrs,automat,constantly,hyperlink,incremental,typing-extensions,zope-interface txaio==25.12.2
ty==0.0.72 typer==0.27.1:annotated-doc,click,colorama,rich,shellingham,typing-extensions
types-cffi==2.0.0.20260518:types-setuptools types-passlib==1.7.7.20250602
types-pyopenssl==24.1.0.20240722:cryptography,types-cffi types-python-dateutil==2.9.0.20260518
types-pyyaml==6.0.12.20260724 types-redis==4.6.0.20241004:cryptography,types-pyopenssl
types-requests==2.33.0.20260712:types-urllib3,urllib3 types-setuptools==84.0.0.20260812 types-toml==0.10.8.7
types-urllib3==1.26.25.4 typing-extensions==4.16.0 typing-inspection==0.4.4:typing-extensions tzdata==2026.3
tzlocal==5.4.4:tzdata u-msgpack-python==2.8.0 ujson==5.12.0 unidecode==1.4.0 uritemplate==4.2.0 urllib3==2.7.0
uuid-utils==0.14.1 uv==0.12.0 uvicorn==0.52.2:click,h11,httptools,typing-extensions,uvloop,websockets uvloop==0.22.1
vcrpy==8.3.0:pyyaml,wrapt vine==5.1.0
virtualenv==21.7.1:distlib,filelock,importlib-metadata,platformdirs,python-discovery,typing-extensions
watchdog==6.0.0 watchfiles==1.2.0:anyio wcwidth==0.8.2 webencodings==0.5.1 websocket-client==1.9.0
websockets==17.0.1 werkzeug==3.1.8:markupsafe whitenoise==6.12.0 win32-setctime==1.2.0 wrapt==2.3.0
wsproto==1.3.2:h11 wtforms==3.2.2:markupsafe xlsxwriter==3.2.9 xmltodict==1.0.4 xxhash==3.7.0
yarl==1.24.5:idna,multidict,propcache zipp==4.1.0 zope-event==6.2:setuptools zope-interface==8.5:setuptools
zstandard==0.25.0 aiohttp[speedups]:aiodns,backports-zstd,brotli,brotlicffi
alembic[tz]:backports-zoneinfo,python-dateutil anyio[trio]:trio celery[django]:django celery[pytest]:pytest-celery
celery[redis]:kombu[redis],redis celery[riak]:riak celery[sqlalchemy]:sqlalchemy
celery[sqs]:boto3,kombu[sqs],pycurl,urllib3 coverage[toml]:tomli databases[aiomysql]:aiomysql databases[aiopg]:aiopg
databases[aiosqlite]:aiosqlite databases[asyncmy]:asyncmy databases[asyncpg]:asyncpg databases[mysql]:aiomysql
databases[postgresql]:asyncpg databases[sqlite]:aiosqlite django[argon2]:argon2-cffi django[bcrypt]:bcrypt
django-redis[hiredis]:redis[hiredis] django-storages[google]:google-cloud-storage
drf-spectacular[sidecar]:drf-spectacular-sidecar
fastapi[standard]:email-validator,fastapi-cli[standard],fastar,httpx,jinja2,pydantic-extra-types,
pydantic-settings,python-multipart,uvicorn[standard]
fastapi[standard-no-fastapi-cloud-cli]:email-validator,fastapi-cli[standard-no-fastapi-cloud-cli],httpx,jinja2,
python-multipart,uvicorn[standard] fastapi-cli[standard]:fastapi,fastapi-cloud-cli,uvicorn[standard]
gunicorn[eventlet]:eventlet gunicorn[gevent]:gevent gunicorn[setproctitle]:setproctitle gunicorn[tornado]:tornado
httpx[cli]:click,pygments,rich passlib[argon2]:argon2-cffi passlib[bcrypt]:bcrypt
passlib[build-docs]:cloud-sptheme,sphinx,sphinxcontrib-fulltoc passlib[totp]:cryptography
psycopg[binary]:psycopg-binary psycopg[c]:psycopg-c psycopg[pool]:psycopg-pool pydantic[dotenv]:python-dotenv
pydantic[email]:email-validator pydantic[timezone]:tzdata
pydantic-settings[azure-key-vault]:azure-identity,azure-keyvault-secrets pydantic-settings[toml]:tomli
pydantic-settings[yaml]:pyyaml pyjwt[crypto]:cryptography python-jose[cryptography]:cryptography
python-jose[pycrypto]:pyasn1,pycrypto python-jose[pycryptodome]:pyasn1,pycryptodome redis[hiredis]:hiredis
redis[ocsp]:cryptography,pyopenssl,requests requests[use-chardet-on-py3]:chardet
requests[use-chardet-on-py3]:chardet starlette[full]:httpx,itsdangerous,jinja2,python-multipart,pyyaml,requests
uvicorn[standard]:colorama,httptools,python-dotenv,pyyaml,uvloop,watchfiles,websockets
uvicorn[watchgodreload]:watchgod sqlalchemy[asyncio]:greenlet sqlalchemy[aiosqlite]:aiosqlite,greenlet
sqlalchemy[postgresql-asyncpg]:asyncpg,greenlet sqlalchemy[aiomysql]:aiomysql,greenlet
sqlalchemy[asyncmy]:asyncmy,greenlet sqlalchemy[mysql]:mysqlclient sqlalchemy[pymysql]:pymysql
sqlalchemy[postgresql]:psycopg2 sqlalchemy[postgresql-psycopg2binary]:psycopg2-binary
sqlalchemy[postgresql-psycopgbinary]:psycopg[binary] sqlalchemy[postgresql-psycopg]:psycopg
"""

# Of these no lock file was at hand. After the name stands the release, then where its requirements were read at
# that release or just after it: a file of a public repository, `METADATA` for that of the installed release.
# `-` says that it requires nothing.
_MORE = """
sqlmodel 0.0.50 METADATA pydantic,sqlalchemy,typing-extensions
cattrs 26.2.1 METADATA attrs,exceptiongroup,typing-extensions
pytest-aiohttp 1.1.1 aio-libs/pytest-aiohttp:setup.cfg aiohttp,pytest,pytest-asyncio
aiohttp-security 0.5.0 aio-libs/aiohttp-security:setup.py aiohttp
fastapi-pagination 0.15.15 uriyyo/fastapi-pagination:pyproject.toml fastapi,pydantic,typing-extensions
aioredis 2.0.1 aio-libs-abandoned/aioredis-py:setup.py async-timeout,typing-extensions
python-socketio 5.16.3 miguelgrinberg/python-socketio:pyproject.toml bidict,python-engineio
python-engineio 4.13.3 miguelgrinberg/python-engineio:pyproject.toml simple-websocket
simple-websocket 1.1.0 miguelgrinberg/simple-websocket:pyproject.toml wsproto
bidict 0.23.1 jab/bidict:pyproject.toml typing-extensions
flask-socketio 5.6.1 miguelgrinberg/Flask-SocketIO:pyproject.toml blinker,click,flask,jinja2,python-socketio,werkzeug
mock 5.2.0 testing-cabal/mock:setup.cfg -
motor 3.7.1 mongodb/motor:requirements.txt pymongo
pymongo 4.16.0 mongodb/mongo-python-driver:requirements.txt dnspython
arq 0.26.0 samuelcolvin/arq:pyproject.toml click,pydantic,redis[hiredis],typing-extensions
aiomysql 0.3.2 aio-libs/aiomysql:pyproject.toml pymysql
asyncmy 0.2.11 long2ice/asyncmy:pyproject.toml -
pg8000 1.31.4 tlocke/pg8000:pyproject.toml python-dateutil,scramp
scramp 1.4.5 tlocke/scramp:pyproject.toml asn1crypto
pyodbc 5.3.0 mkleehammer/pyodbc:setup.py -
pycryptodome 3.23.0 Legrandin/pycryptodome:setup.py -
flask-session 0.8.0 pallets-eco/flask-session:pyproject.toml cachelib,flask,msgspec
msgspec 0.21.1 jcrist/msgspec:pyproject.toml -
flask-httpauth 4.8.0 miguelgrinberg/Flask-HTTPAuth:pyproject.toml flask
flasgger 0.9.7.1 flasgger/flasgger:setup.py flask,jsonschema,mistune,packaging,pyyaml,six
apispec 6.7.0 marshmallow-code/apispec:pyproject.toml packaging
apispec[marshmallow] 6.7.0 marshmallow-code/apispec:pyproject.toml marshmallow
apispec[yaml] 6.7.0 marshmallow-code/apispec:pyproject.toml pyyaml
webargs 8.6.0 marshmallow-code/webargs:pyproject.toml marshmallow,packaging
granian 2.8.1 emmett-framework/granian:pyproject.toml click,uvloop
waitress 3.0.2 Pylons/waitress:pyproject.toml -
django-crispy-forms 2.5 django-crispy-forms/django-crispy-forms:pyproject.toml django
crispy-bootstrap5 2026.3 django-crispy-forms/crispy-bootstrap5:pyproject.toml django,django-crispy-forms
injector 0.24.0 python-injector/injector:setup.py typing-extensions
dependency-injector 4.48.2 ets-labs/python-dependency-injector:pyproject.toml six,typing-extensions
croniter 6.0.0 kiorky/croniter:requirements/base.txt python-dateutil,pytz
setproctitle 1.3.7 dvarrazzo/py-setproctitle:setup.py -
eventlet 0.41.1 eventlet/eventlet:pyproject.toml dnspython,greenlet,six
trio 0.34.0 python-trio/trio:pyproject.toml attrs,cffi,exceptiongroup,idna,outcome,sniffio,sortedcontainers
outcome 1.3.0 python-trio/outcome:pyproject.toml attrs
django-allauth 0.54.0 pennersr/django-allauth:setup.py django,pyjwt[crypto],python3-openid,requests,requests-oauthlib
drf-yasg 1.21.15 axnsan12/drf-yasg:pyproject.toml django,djangorestframework,inflection,packaging,pytz,pyyaml,
swagger-spec-validator,uritemplate,coreapi,coreschema,ruamel-yaml
swagger-spec-validator 3.0.4 Yelp/swagger_spec_validator:setup.py importlib-resources,jsonschema,pyyaml,
typing-extensions
coreapi 2.3.3 core-api/python-client:setup.py coreschema,itypes,requests,uritemplate
coreschema 0.0.4 core-api/python-coreschema:setup.py jinja2
itypes 1.2.0 PavanTatikonda/itypes:setup.py -
dj-rest-auth 7.1.1 iMerica/dj-rest-auth:setup.py django,djangorestframework
django-celery-results 2.6.0 celery/django-celery-results:requirements/default.txt celery,django
mongoengine 0.29.0 MongoEngine/mongoengine:setup.py pymongo
pony 0.7.19 ponyorm/pony:setup.py -
rfc3986[idna2008] 2.0.0 python-hyper/rfc3986:setup.cfg idna
"""


def requirements_table(project: Project) -> dict[str, tuple[str, ...]]:
    """`name` or `name[extra]` -> what it requires, each maybe with extras."""
    found: dict[str, tuple[str, ...]] = {}
    for row in _TABLE.replace(",\n", ",").split():
        name, _, requires = row.partition(":")
        found[name.partition("==")[0]] = _split(requires)
    for row in _MORE.replace(",\n", ",").strip().splitlines():
        name, _, _, requires = row.split()
        found[name] = _split(requires.removeprefix("-"))
    return found


def _split(text: str) -> tuple[str, ...]:
    """The parts between commas that stand in no brackets."""
    found: list[str] = []
    for part in text.split(",") if text else ():
        if found and found[-1].count("[") > found[-1].count("]"):
            found[-1] += "," + part
        else:
            found.append(part)
    return tuple(found)
