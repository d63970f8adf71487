"""Models of the content app, one file per concept."""

from content.models.category import Category
from content.models.custom_field import FEATURED_IMAGE_KEY, CustomField
from content.models.post import Post, PostCategory, PostRevision, PostUserPermission, PublishedPage
from content.models.reference import Reference, ReferenceUse

__all__ = [
    "FEATURED_IMAGE_KEY",
    "Category",
    "CustomField",
    "Post",
    "PostCategory",
    "PostRevision",
    "PostUserPermission",
    "PublishedPage",
    "Reference",
    "ReferenceUse",
]
