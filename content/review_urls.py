"""Addresses of the review desk, under `/admin/compliance/`."""

from django.contrib import admin
from django.urls import path

from content.views import after, desk_tools, dossier, overview, readers, recheck, review, waivers

guard = admin.site.admin_view

urlpatterns = [
    path("", guard(review.desk), name="compliance_desk"),
    path("mine/", guard(review.desk), {"key": "mine"}, name="review_mine"),
    path("mentions/", guard(desk_tools.mentions), name="compliance_mentions"),
    path("<uuid:post_id>/assignment/", guard(review.assignment), name="review_assignment"),
    path("<uuid:post_id>/note/", guard(review.note), name="review_note"),
    path("waivers/", guard(waivers.waivers), name="compliance_waivers"),
    path("waivers/<uuid:post_id>/confirm/", guard(waivers.confirm), name="compliance_waiver_confirm"),
    path("attention/", guard(after.todo_list), name="compliance_attention"),
    path("attention/<uuid:item_id>/resolve/", guard(after.resolve), name="compliance_attention_resolve"),
    path("overview/", guard(overview.page), name="compliance_overview"),
    path("overview.csv", guard(overview.export), name="compliance_overview_csv"),
    path("reviews/", guard(after.review_list), name="compliance_reviews"),
    path("recheck/", guard(recheck.recheck), name="compliance_recheck"),
    path("<uuid:post_id>/", guard(review.post), name="review_post"),
    path("<uuid:post_id>/submit/", guard(review.submit), name="review_submit"),
    path("<uuid:post_id>/advance/", guard(review.advance), name="review_advance"),
    path("<uuid:post_id>/send-back/", guard(review.send_back), name="review_send_back"),
    path("<uuid:post_id>/checks/", guard(review.run_checks), name="review_checks"),
    path("<uuid:post_id>/finding/", guard(review.finding), name="review_finding"),
    path("<uuid:post_id>/claim/", guard(review.claim), name="review_claim"),
    path("<uuid:post_id>/sign/", guard(review.sign), name="review_sign"),
    path("<uuid:post_id>/withdraw/", guard(review.withdraw), name="review_withdraw"),
    path("<uuid:post_id>/dossier.pdf", guard(dossier.pdf), name="review_dossier_pdf"),
    path("<uuid:post_id>/dossier.json", guard(dossier.json), name="review_dossier_json"),
    path("<uuid:post_id>/readers/", guard(readers.readers), name="review_readers"),
    path("<uuid:post_id>/signatures/", guard(review.signatures), name="review_signatures"),
]
