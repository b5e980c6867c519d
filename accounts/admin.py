"""Nobody looks at the addresses and sessions of others in the admin site: allauth's lists are taken out."""

from allauth.account.admin import EmailAddress
from allauth.usersessions.admin import UserSession
from django.contrib import admin

admin.site.unregister([EmailAddress, UserSession])
