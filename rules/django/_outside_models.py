"""The columns that models of Django and of widely used packages bring to the models built on them."""

from __future__ import annotations

from typing import NamedTuple


class Brought(NamedTuple):
    """A field of an outside model: its name, type and flags."""

    name: str
    type: str
    flags: frozenset[str]
    """`null`, `unique`, `index`, `default`, `pk`."""
    max_length: int | None
    target: str
    """`app_label.Model` of a relation, else `""`."""


class Outside(NamedTuple):
    """A model from outside. A concrete one has a table of its own, which its children point to."""

    name: str
    fields: tuple[Brought, ...]
    concrete: str
    """`app_label.Model` when it is concrete, else `""`."""


def _fields(text: str) -> tuple[Brought, ...]:
    """Fields from lines of `name Type[:length] [flags] [-> app.Model]`."""
    found = []
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        head, _, target = entry.partition(" -> ")
        name, kind, *flags = head.split()
        kind, _, length = kind.partition(":")
        found.append(Brought(name, kind, frozenset(flags), int(length) if length else None, target))
    return tuple(found)


_PASSWORD = "password CharField:128; last_login DateTimeField null"
_PERMISSIONS = (
    "is_superuser BooleanField default; groups ManyToManyField -> auth.Group; "
    "user_permissions ManyToManyField -> auth.Permission"
)
_USER = (
    "username CharField:150 unique; first_name CharField:150; last_name CharField:150; email EmailField:254; "
    "is_staff BooleanField default; is_active BooleanField default; date_joined DateTimeField default"
)
_DRAFT = (
    "live BooleanField default; has_unpublished_changes BooleanField default; first_published_at DateTimeField null "
    "index; last_published_at DateTimeField null; go_live_at DateTimeField null; expire_at DateTimeField null; "
    "expired BooleanField default; live_revision ForeignKey null -> wagtailcore.Revision"
)
_LOCK = "locked BooleanField default; locked_at DateTimeField null; locked_by ForeignKey null -> AUTH_USER_MODEL"
_FORM_FIELD = (
    "sort_order IntegerField null; clean_name CharField:255 default; label CharField:255; field_type CharField:16; "
    "required BooleanField default; choices TextField; default_value TextField; help_text CharField:255"
)
_IMAGE = (
    "title CharField:255; description CharField:255 default; file ImageField:100; "
    "width IntegerField; height IntegerField; "
    "created_at DateTimeField default index; focal_point_x PositiveIntegerField null; "
    "focal_point_y PositiveIntegerField "
    "null; focal_point_width PositiveIntegerField null; focal_point_height PositiveIntegerField null; file_size "
    "PositiveIntegerField null; file_hash CharField:40 index; collection ForeignKey default -> wagtailcore.Collection; "
    "uploaded_by_user ForeignKey null -> AUTH_USER_MODEL"
)
_DOCUMENT = (
    "title CharField:255; file FileField:100; created_at DateTimeField default; "
    "file_size PositiveBigIntegerField null; "
    "file_hash CharField:40; collection ForeignKey default -> wagtailcore.Collection; "
    "uploaded_by_user ForeignKey null -> AUTH_USER_MODEL"
)

_SOFT = "deleted_at DateTimeField null; restored_at DateTimeField null; transaction_id UUIDField:32 null"
_TREE_NODE = (
    "tn_ancestors_pks TextField; tn_ancestors_count IntegerField default; tn_children_pks TextField; "
    "tn_children_count IntegerField default; tn_depth IntegerField default; tn_descendants_pks TextField; "
    "tn_descendants_count IntegerField default; tn_index IntegerField default; tn_level IntegerField default; "
    "tn_parent ForeignKey null -> self; tn_priority IntegerField default; tn_order IntegerField default; "
    "tn_siblings_pks TextField; tn_siblings_count IntegerField default"
)

_ABSTRACT: dict[tuple[str, str], str] = {
    ("django", "Model"): "",
    ("django", "AbstractBaseUser"): _PASSWORD,
    ("django", "PermissionsMixin"): _PERMISSIONS,
    ("django", "AbstractUser"): f"{_PASSWORD}; {_PERMISSIONS}; {_USER}",
    ("django", "AbstractBaseSession"): (
        "session_key CharField:40 pk; session_data TextField; expire_date DateTimeField index"
    ),
    ("model_utils", "TimeStampedModel"): "created AutoCreatedField default; modified AutoLastModifiedField default",
    ("model_utils", "TimeFramedModel"): "start DateTimeField null; end DateTimeField null",
    ("model_utils", "StatusModel"): "status StatusField:100 default; status_changed MonitorField default",
    ("model_utils", "SoftDeletableModel"): "is_removed BooleanField default",
    ("model_utils", "UUIDModel"): "id UUIDField:32 pk default",
    ("django_extensions", "TimeStampedModel"): (
        "created CreationDateTimeField default; modified ModificationDateTimeField default"
    ),
    ("django_extensions", "TitleDescriptionModel"): "title CharField:255; description TextField null",
    ("django_extensions", "TitleSlugDescriptionModel"): (
        "title CharField:255; description TextField null; slug AutoSlugField:50 index"
    ),
    ("django_extensions", "ActivatorModel"): (
        "status IntegerField default; activate_date DateTimeField null; "
        "deactivate_date DateTimeField null"
    ),
    ("mptt", "MPTTModel"): (
        "lft PositiveIntegerField; rght PositiveIntegerField; tree_id PositiveIntegerField index; "
        "level PositiveIntegerField"
    ),
    ("polymorphic", "PolymorphicModel"): "polymorphic_ctype ForeignKey null -> contenttypes.ContentType",
    ("treebeard", "MP_Node"): (
        "path CharField:255 unique; depth PositiveIntegerField; numchild PositiveIntegerField default"
    ),
    ("treebeard", "NS_Node"): (
        "lft PositiveIntegerField index; rgt PositiveIntegerField index; "
        "tree_id PositiveIntegerField index; depth PositiveIntegerField index"
    ),
    ("treebeard", "AL_Node"): "",
    ("parler", "TranslatableModel"): "",
    ("solo", "SingletonModel"): "",
    ("modelcluster", "ClusterableModel"): "",
    ("ordered_model", "OrderedModel"): "order PositiveIntegerField index",
    ("ordered_model", "OrderedModelBase"): "",
    ("adminsortable", "SortableMixin"): "",
    ("safedelete", "SafeDeleteModel"): "deleted DateTimeField null index; deleted_by_cascade BooleanField default",
    ("tree_queries", "TreeNode"): "parent ForeignKey null -> self",
    ("treenode", "TreeNodeModel"): _TREE_NODE,
    ("django_softdelete", "SoftDeleteModel"): _SOFT,
    ("taggit", "ItemBase"): "",
    ("taggit", "TagBase"): "name CharField:100 unique; slug SlugField:100 unique",
    ("taggit", "TaggedItemBase"): "tag ForeignKey -> taggit.Tag",
    ("taggit", "CommonGenericTaggedItemBase"): "content_type ForeignKey -> contenttypes.ContentType",
    ("taggit", "GenericTaggedItemBase"): (
        "content_type ForeignKey -> contenttypes.ContentType; object_id IntegerField index"
    ),
    ("taggit", "GenericUUIDTaggedItemBase"): (
        "content_type ForeignKey -> contenttypes.ContentType; object_id UUIDField:32 index"
    ),
    ("wagtail", "Orderable"): "sort_order IntegerField null",
    ("wagtail", "RevisionMixin"): "latest_revision ForeignKey null -> wagtailcore.Revision",
    ("wagtail", "DraftStateMixin"): f"latest_revision ForeignKey null -> wagtailcore.Revision; {_DRAFT}",
    ("wagtail", "LockableMixin"): _LOCK,
    ("wagtail", "TranslatableMixin"): "translation_key UUIDField:32 default; locale ForeignKey -> wagtailcore.Locale",
    ("wagtail", "BootstrapTranslatableMixin"): (
        "translation_key UUIDField:32 null; locale ForeignKey null -> wagtailcore.Locale"
    ),
    ("wagtail", "CollectionMember"): "collection ForeignKey default -> wagtailcore.Collection",
    ("wagtail", "BaseSiteSetting"): "site OneToOneField -> wagtailcore.Site",
    ("wagtail", "BaseSetting"): "site OneToOneField -> wagtailcore.Site",
    ("wagtail", "AbstractFormField"): _FORM_FIELD,
    ("wagtail", "AbstractImage"): _IMAGE,
    ("wagtail", "AbstractDocument"): _DOCUMENT,
    ("wagtail", "AbstractRendition"): (
        "filter_spec CharField:255 index; file ImageField:100; width IntegerField; height IntegerField; "
        "focal_point_key CharField:16 default"
    ),
    **{
        ("wagtail", name): ""
        for name in ("WorkflowMixin", "PreviewableMixin", "BaseGenericSetting", "Indexed", "RoutablePageMixin")
    },
}  # fmt: skip

_CONCRETE: dict[tuple[str, str], tuple[str, str]] = {
    ("django", "User"): ("auth.User", ""),
    ("django", "Group"): ("auth.Group", ""),
    ("django", "Permission"): ("auth.Permission", ""),
    ("django", "Site"): ("sites.Site", ""),
    ("django", "FlatPage"): ("flatpages.FlatPage", ""),
    ("django", "Session"): ("sessions.Session", ""),
    ("django", "ContentType"): ("contenttypes.ContentType", ""),
    ("django", "LogEntry"): ("admin.LogEntry", ""),
    ("django", "Redirect"): ("redirects.Redirect", ""),
    ("rest_framework", "Token"): ("authtoken.Token", ""),
    ("wagtail", "Page"): ("wagtailcore.Page", ""),
    ("wagtail", "Task"): ("wagtailcore.Task", ""),
    ("wagtail", "AbstractForm"): ("wagtailcore.Page", ""),
    ("wagtail", "AbstractEmailForm"): (
        "wagtailcore.Page",
        "to_address CharField:255; from_address EmailField:255; subject CharField:255",
    ),
}

_TABLES = {
    "contenttypes.ContentType": ("django_content_type", "id"),
    "sites.Site": ("django_site", "id"),
    "sessions.Session": ("django_session", "session_key"),
    "admin.LogEntry": ("django_admin_log", "id"),
    "flatpages.FlatPage": ("django_flatpage", "id"),
    "redirects.Redirect": ("django_redirect", "id"),
    "authtoken.Token": ("authtoken_token", "key"),
    "django_celery_results.TaskResult": ("django_celery_results_taskresult", "id"),
}

_LABELS = {"wagtail": "wagtailcore", "wagtail.core": "wagtailcore"}


def outside_model(dotted: str) -> Outside | None:
    """A model of a known package; None when nothing is known of it."""
    key = (dotted.partition(".")[0], dotted.rpartition(".")[2])
    if key in _CONCRETE and ".models" in dotted:
        label, text = _CONCRETE[key]
        return Outside(dotted, _fields(text), label)
    return Outside(dotted, _fields(_ABSTRACT[key]), "") if key in _ABSTRACT else None


def outside_table(label: str) -> tuple[str, str]:
    """The table and key column of an outside model, by its `app_label.Model`."""
    return _TABLES.get(label) or (label.lower().replace(".", "_"), "id")


def outside_label(dotted: str) -> str:
    """The `app_label.Model` that a model of an outside package has by convention."""
    package, _, name = dotted.rpartition(".")
    package = package.partition(".models")[0]
    label = _LABELS.get(package)
    if label is None:
        label = package.replace(".", "") if package.startswith("wagtail.") else package.rpartition(".")[2]
    return f"{label.replace('wagtailcontrib', 'wagtail')}.{name}"


LENGTHS = {
    "EmailField": 254,
    "URLField": 200,
    "SlugField": 50,
    "AutoSlugField": 50,
    "FileField": 100,
    "ImageField": 100,
    "FilePathField": 100,
    "ThumbnailerField": 100,
    "ThumbnailerImageField": 100,
    "UUIDField": 32,
    "GenericIPAddressField": 39,
    "IPAddressField": 15,
    "PhoneNumberField": 128,
    "CountryField": 2,
    "TimeZoneField": 63,
    "ColorField": 25,
    "StatusField": 100,
    "ShortUUIDField": 22,
}
"""The longest value of fields that do not say one."""
