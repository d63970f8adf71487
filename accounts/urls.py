"""Addresses of accounts. Included at the root, before the content's `/<slug>/`."""

from django.urls import path

from accounts.views import platform, profile, sign_in

app_name = "accounts"
urlpatterns = [
    path("entrar/", sign_in.sign_in, name="sign_in"),
    path("entrar/codigo/", sign_in.second_factor, name="second_factor"),
    path("entrar/ativar/", sign_in.enrol, name="enrol"),
    path("entrar/senha/<str:uid>/<str:token>/", sign_in.set_password, name="set_password"),
    path("sair/", sign_in.sign_out, name="sign_out"),
    path("perfil/", profile.profile, name="profile"),
    path("perfil/senha/", profile.change_password, name="change_password"),
    path("perfil/codigos/", profile.recovery_codes, name="recovery_codes"),
    path("perfil/aplicativo/", profile.new_device, name="new_device"),
    path("perfil/sessoes/", profile.end_sessions, name="end_sessions"),
    path("plataforma/", platform.platform, name="platform"),
    # Where people who know WordPress look first.
    path("wp-login.php", sign_in.from_wordpress),
    path("wp-admin/", sign_in.from_wordpress),
]
