"""Addresses of the public site. Included at the root and last: `/<slug>/` would swallow what comes after it."""

from django.urls import path, re_path

from content import feeds
from content.views import site, verification

app_name = "content"
urlpatterns = [
    path("", site.home, name="home"),
    path("page/<int:page>/", site.home, name="home_page"),
    path("feed/", feeds.feed, name="feed"),
    path("category/<slug:slug>/", site.category, name="category"),
    path("category/<slug:slug>/page/<int:page>/", site.category, name="category_page"),
    path("category/<slug:slug>/feed/", feeds.feed, name="category_feed"),
    path("author/<slug:slug>/", site.author, name="author"),
    path("author/<slug:slug>/page/<int:page>/", site.author, name="author_page"),
    path("verificacao/<uuid:post_id>/", verification.verification, name="verification"),
    path("sitemap.xml", site.sitemap, name="sitemap"),
    path("sitemap-<int:part>.xml", site.sitemap, name="sitemap_part"),
    path("robots.txt", site.robots, name="robots"),
    path("<slug:slug>/", site.article, name="post"),
    re_path(r"^(?P<path>.*)$", site.fallback, name="fallback"),
]
