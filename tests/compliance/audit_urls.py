"""Addresses for the tests of access rows: one per way in which a request can end."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, re_path

from content.models import Category
from healthcare_cms import urls as product


def ok(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("ok")


def named(request: HttpRequest) -> HttpResponse:
    request.audit_resource = ("report", "monthly")
    return HttpResponse("ok")


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def missing(request: HttpRequest) -> HttpResponse:
    raise Http404


def broken(request: HttpRequest) -> HttpResponse:
    Category.objects.create(name="Half written", slug="half-written")
    raise RuntimeError("The view is broken.")


def broken_sql(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column FROM categories")
    return HttpResponse("never")


def undone(request: HttpRequest) -> HttpResponse:
    Category.objects.create(name="Undone", slug="undone")
    transaction.set_rollback(True)
    return HttpResponse("conflict", status=409)


def write(request: HttpRequest) -> HttpResponse:
    Category.objects.create(name="Written", slug="written")
    return HttpResponse("ok")


urlpatterns = [
    path("ok/", ok, name="ok"),
    path("thing/<uuid:pk>/", ok, name="thing"),
    path("text/<slug:slug>/", ok, name="text"),
    re_path(r"^unnamed/$", ok),
    path("named/", named, name="named"),
    path("forbidden/", forbidden, name="forbidden"),
    path("missing/", missing, name="missing"),
    path("broken/", broken, name="broken"),
    path("broken-sql/", broken_sql, name="broken_sql"),
    path("undone/", undone, name="undone"),
    path("write/", write, name="write"),
    path("static/site.css", ok, name="static"),
    *product.urlpatterns[:-1],  # the error pages link to them; the last one answers everything
]
