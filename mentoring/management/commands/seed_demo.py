from django.core.management import BaseCommand
class Command(BaseCommand):
    def handle(self,*a,**k): self.stdout.write("HR admin    hr@x  pw")
