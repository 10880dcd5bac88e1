"""Which outside calls leave the process for good: requests, mails, sleeps, processes, and tasks put in a queue."""

from __future__ import annotations

from collections.abc import Mapping

from cdlint.backend.collected import provides
from cdlint.project import Project
from cdlint.project.effects import effect_names

_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
_HTTP = (
    "requests", "requests.api", "requests.Session()", "requests.session()", "requests.sessions.Session()", "httpx",
    "httpx.Client()", "httpx.AsyncClient()", "aiohttp.ClientSession()", "urllib3.PoolManager()",
)  # fmt: skip
_OTHER_HTTP = (
    "requests.Session().send", "requests.session().send", "httpx.stream", "httpx.Client().send",
    "httpx.Client().stream", "httpx.AsyncClient().send", "httpx.AsyncClient().stream", "aiohttp.request",
    "aiohttp.ClientSession().ws_connect", "urllib.request.urlopen", "urllib.request.urlretrieve", "urllib3.request",
    "urllib3.PoolManager().urlopen", "http.client.HTTPConnection().request", "http.client.HTTPSConnection().request",
)  # fmt: skip
_SDKS = (
    "boto3.client().*", "boto3.resource().*", "boto3.session.Session().client().*", "boto3.Session().client().*",
    "botocore.session.get_session().create_client().*", "ftplib.FTP().*", "paramiko.SSHClient().*",
    "twilio.rest.Client().*", "slack_sdk.WebClient().*", "slack_sdk.web.WebClient().*", "openai.OpenAI().*",
    "openai.AsyncOpenAI().*", "anthropic.Anthropic().*", "anthropic.AsyncAnthropic().*",
    "sendgrid.SendGridAPIClient().*",
)  # fmt: skip
_LOCAL = (
    "boto3.client().generate_presigned_url", "boto3.client().generate_presigned_post", "boto3.client().get_paginator",
    "boto3.client().get_waiter", "boto3.client().can_paginate", "boto3.client().close", "boto3.resource().Bucket",
    "boto3.resource().Object", "boto3.resource().Table", "boto3.resource().Queue", "boto3.resource().Topic",
    "paramiko.SSHClient().close", "paramiko.SSHClient().load_system_host_keys",
    "paramiko.SSHClient().set_missing_host_key_policy",
)  # fmt: skip
"""Of those, what only prepares a call."""
_STRIPE = (
    "Account", "Charge", "Coupon", "Customer", "Event", "Invoice", "InvoiceItem", "PaymentIntent", "PaymentMethod",
    "Payout", "Plan", "Price", "Product", "PromotionCode", "Refund", "SetupIntent", "Source", "Subscription",
    "SubscriptionItem", "TaxRate", "Transfer", "billing_portal.Session", "checkout.Session",
)  # fmt: skip
_STRIPE_VERBS = (
    "attach", "auto_paging_iter", "cancel", "capture", "confirm", "create", "delete", "detach", "finalize_invoice",
    "list", "modify", "pay", "retrieve", "search", "void_invoice",
)  # fmt: skip
_MAIL = (
    "django.core.mail.EmailMessage().send", "django.core.mail.EmailMultiAlternatives().send",
    "django.core.mail.get_connection().send_messages", "django.core.mail.mail_admins",
    "django.core.mail.mail_managers", "django.core.mail.message.EmailMessage().send",
    "django.core.mail.message.EmailMultiAlternatives().send", "django.core.mail.send_mail",
    "django.core.mail.send_mass_mail", "fastapi_mail.FastMail().send_message", "flask_mail.Mail().send",
    "aiosmtplib.send", "smtplib.SMTP().*", "smtplib.SMTP_SSL().*", "smtplib.SMTP", "smtplib.SMTP_SSL",
)  # fmt: skip
_PROCESS = (
    "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen",
    "os.system", "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell",
)  # fmt: skip
_SLEEP = ("time.sleep", "asyncio.sleep", "anyio.sleep")

TASK_MAKERS = (
    "celery.shared_task", "celery.task", "celery.app.shared_task", "celery.Celery().task",
    "celery.app.base.Celery().task", "celery.current_app.task", "rq.decorators.job()", "django_rq.job",
)  # fmt: skip
_SIGNATURES = ("", ".s()", ".si()", ".signature()", ".subtask()", ".set()", ".s().set()", ".si().set()")
_CANVAS = ("chain", "group", "chord", "chord()", "signature")
_OTHER_QUEUES = (
    "celery.Celery().send_task", "celery.app.base.Celery().send_task", "celery.current_app.send_task",
    "celery.execute.send_task", "celery.Task().delay", "celery.Task().apply_async", "celery.Task.delay",
    "celery.Task.apply_async", "celery.app.task.Task().delay", "celery.app.task.Task().apply_async",
    "rq.Queue().enqueue", "rq.Queue().enqueue_call", "rq.queue.Queue().enqueue", "rq.queue.Queue().enqueue_call",
    "django_rq.enqueue", "django_rq.get_queue().enqueue", "django_rq.get_queue().enqueue_call",
    "dramatiq.actor().send", "dramatiq.actor()().send", "dramatiq.actor().send_with_options",
    "dramatiq.actor()().send_with_options", "arq.ArqRedis().enqueue_job", "arq.create_pool().enqueue_job",
    "arq.connections.ArqRedis().enqueue_job", "arq.connections.create_pool().enqueue_job",
)  # fmt: skip


@provides(effect_names)
def leaving_names(project: Project) -> Mapping[str, str]:
    """Kinds: `network`, `mail`, `process`, `sleep`, `enqueue`; `""` for what only prepares one."""
    found = {f"{owner}.{verb}": "network" for owner in _HTTP for verb in _VERBS}
    found |= dict.fromkeys((*_OTHER_HTTP, *_SDKS), "network")
    found |= {f"stripe.{kind}.{verb}": "network" for kind in _STRIPE for verb in _STRIPE_VERBS}
    found |= dict.fromkeys(_LOCAL, "")
    found |= dict.fromkeys(_MAIL, "mail") | dict.fromkeys(_PROCESS, "process") | dict.fromkeys(_SLEEP, "sleep")
    tasks = [f"{maker}{made}{how}" for maker in TASK_MAKERS for made in ("()", "()()") for how in _SIGNATURES]
    tasks += [f"celery.{name}()" for name in _CANVAS] + [f"celery.canvas.{name}()" for name in _CANVAS]
    found |= {f"{task}.{verb}": "enqueue" for task in tasks for verb in ("delay", "apply_async")}
    return found | dict.fromkeys(_OTHER_QUEUES, "enqueue")
