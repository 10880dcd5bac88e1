"""Django REST framework: serializers, viewsets and their routes."""

CONCERNS = ("rest_framework",)
