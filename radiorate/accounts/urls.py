"""Addresses of the accounts room, and those of allauth that are used: nobody signs up or changes an e-mail."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.urls import include, path, re_path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from radiorate.accounts import views
from radiorate.accounts.invitations import mail_goes_out
from radiorate.accounts.sign_in import sign_in

own = (
    [
        path("people/", views.people, name="people"),
        path("people/<int:pk>/link/", views.link, name="link"),
        path("people/<int:pk>/revoke/", views.revoke, name="revoke"),
        path("people/<int:pk>/deactivate/", views.deactivate, name="deactivate"),
        path("people/<int:pk>/reactivate/", views.reactivate, name="reactivate"),
        path("invitation/", views.invitation, name="invitation"),
        path("invitation/<str:token>/", views.invitation_link, name="invitation_link"),
        path("profile/", views.profile, name="profile"),
        path("audit/", views.audit_trail, name="audit"),
        path("audit.csv", views.audit_csv, name="audit_csv"),
    ],
    "accounts",
)
password_reset = account.PasswordResetView.as_view(extra_context={"mail_goes_out": mail_goes_out})
urlpatterns = [
    path("", include(own)),
    path("language/", require_POST(set_language), name="language"),
    path("login/", sign_in, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(  # the key holds a hyphen too
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("second-factor/", mfa.index, name="mfa_index"),
    path("second-factor/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("second-factor/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/app/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("second-factor/app/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/codes/generate/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("second-factor/codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
]
