"""What views and viewsets of Django and its REST packages answer to, by the last part of their name."""

from __future__ import annotations

VERBS = ("get", "post", "put", "patch", "delete", "trace")

_READ, _FORM = ("get",), ("get", "post", "put")
VIEW_VERBS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("View", "GenericView", "GenericModelView", "APIView", "GenericAPIView"), ()),
    **dict.fromkeys(("ContextMixin", "TemplateResponseMixin"), ()),
    **dict.fromkeys(("GenericViewSet", "ViewSet", "ViewSetMixin", "SingleObjectMixin", "MultipleObjectMixin"), ()),
    **dict.fromkeys(("FormMixin", "ModelFormMixin"), ()),
    **dict.fromkeys(("TemplateView", "ListView", "DetailView", "FilterView", "SingleTableView", "APIRootView"), _READ),
    **dict.fromkeys(("BaseListView", "BaseDetailView", "JavaScriptCatalog", "JSONCatalog", "SearchView"), _READ),
    **dict.fromkeys(("ArchiveIndexView", "YearArchiveView", "MonthArchiveView", "WeekArchiveView"), _READ),
    **dict.fromkeys(("DayArchiveView", "TodayArchiveView", "DateDetailView", "BaseDateListView"), _READ),
    **dict.fromkeys(("PasswordChangeDoneView", "PasswordResetDoneView", "PasswordResetCompleteView"), _READ),
    **dict.fromkeys(("FormView", "CreateView", "UpdateView", "ProcessFormView", "BaseFormView"), _FORM),
    **dict.fromkeys(("BaseCreateView", "BaseUpdateView", "LoginView", "PasswordChangeView"), _FORM),
    **dict.fromkeys(("PasswordResetView", "PasswordResetConfirmView", "SignupView", "EmailView"), _FORM),
    **dict.fromkeys(("PasswordSetView", "PasswordResetFromKeyView", "WizardView"), ("get", "post")),
    **dict.fromkeys(("SessionWizardView", "CookieWizardView", "NamedUrlSessionWizardView"), ("get", "post")),
    **dict.fromkeys(("LogoutView", "ConfirmEmailView"), ("get", "post")),
    **dict.fromkeys(("DeletionMixin",), ("delete", "post")),
    **dict.fromkeys(("DeleteView", "BaseDeleteView"), ("delete", "get", "post")),
    "RedirectView": ("get", "post", "put", "patch", "delete"),
    "ListAPIView": ("get",),
    "RetrieveAPIView": ("get",),
    "CreateAPIView": ("post",),
    "UpdateAPIView": ("put", "patch"),
    "DestroyAPIView": ("delete",),
    "ListCreateAPIView": ("get", "post"),
    "RetrieveUpdateAPIView": ("get", "put", "patch"),
    "RetrieveDestroyAPIView": ("get", "delete"),
    "RetrieveUpdateDestroyAPIView": ("get", "put", "patch", "delete"),
    **dict.fromkeys(("ObtainAuthToken", "TokenViewBase", "TokenObtainPairView", "TokenRefreshView"), ("post",)),
    **dict.fromkeys(("TokenVerifyView", "TokenObtainSlidingView", "TokenBlacklistView"), ("post",)),
    **dict.fromkeys(("SpectacularAPIView", "SpectacularSwaggerView", "SpectacularRedocView"), ("get",)),
    **dict.fromkeys(("AccountInactiveView", "EmailVerificationSentView", "Sitemap", "IndexView"), _READ),
    **dict.fromkeys(("SocialLoginView", "RegisterView", "VerifyEmailView"), ("post",)),
    **dict.fromkeys(("PDFTemplateView", "WeasyTemplateView"), _READ),
}
"""The verbs that each class brings."""

ACTIONS: dict[str, tuple[str, ...]] = {
    "ListModelMixin": ("list",),
    "CreateModelMixin": ("create",),
    "RetrieveModelMixin": ("retrieve",),
    "UpdateModelMixin": ("update", "partial_update"),
    "DestroyModelMixin": ("destroy",),
    "ModelViewSet": ("list", "create", "retrieve", "update", "partial_update", "destroy"),
    "ReadOnlyModelViewSet": ("list", "retrieve"),
    "BulkCreateModelMixin": ("create",),
    "BulkUpdateModelMixin": ("bulk_update", "partial_bulk_update", "update", "partial_update"),
    "BulkDestroyModelMixin": ("bulk_destroy",),
    "BulkModelViewSet": (
        "list", "create", "retrieve", "update", "partial_update", "destroy",
        "bulk_update", "partial_bulk_update", "bulk_destroy",
    ),
    **dict.fromkeys(("GenericViewSet", "ViewSet", "ViewSetMixin", "GenericAPIView", "APIView", "View"), ()),
}  # fmt: skip
"""The actions that each class brings to a viewset."""


def brought(table: dict[str, tuple[str, ...]], dotted: str) -> tuple[tuple[str, ...], bool]:
    """What an outside class brings, and whether that is known; a name that ends like a known one brings the same."""
    last = dotted.rpartition(".")[2]
    if last in table:
        kept = table[last]
        return (kept if not dotted.startswith("vanilla.") else tuple({"get", "post"} & set(kept))), True
    if last.endswith("Mixin") or dotted.startswith(("builtins.", "typing.", "abc.")):
        return (), True
    ends = [name for name in table if last.endswith(name) and table[name]]
    return (table[max(ends, key=len)], False) if ends else ((), False)
