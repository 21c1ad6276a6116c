"""How every form field looks: label, control, help and errors out of one template."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Makes `{{ form.name.as_field_group }}` use `_field.html`."""

    field_template_name = "_field.html"
