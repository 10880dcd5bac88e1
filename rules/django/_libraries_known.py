"""The template tags and filters that Django brings along, by library."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TAGS = _words(
    """
    autoescape block comment csrf_token cycle debug extends filter firstof for empty if elif else ifchanged ifequal
    ifnotequal include load lorem now partial partialdef plural querystring regroup resetcycle spaceless templatetag
    url verbatim widthratio with
    """
)
FILTERS = _words(
    """
    add addslashes capfirst center cut date default default_if_none dictsort dictsortreversed divisibleby escape
    escapejs escapeseq filesizeformat first floatformat force_escape get_digit iriencode join json_script last length
    length_is linebreaks linebreaksbr linenumbers ljust lower make_list phone2numeric pluralize pprint random rjust
    safe safeseq slice slugify stringformat striptags time timesince timeuntil title truncatechars truncatechars_html
    truncatewords truncatewords_html unordered_list upper urlencode urlize urlizetrunc wordcount wordwrap yesno
    """
)
LIBRARIES = {
    "i18n": (
        _words(
            """
            trans translate blocktrans blocktranslate plural language get_available_languages get_language_info
            get_language_info_list get_current_language get_current_language_bidi
            """
        ),
        _words("language_name language_name_translated language_name_local language_bidi"),
    ),
    "l10n": (_words("localize"), _words("localize unlocalize")),
    "static": (_words("static get_static_prefix get_media_prefix"), frozenset[str]()),
    "tz": (_words("localtime timezone get_current_timezone"), _words("localtime utc timezone")),
    "cache": (_words("cache"), frozenset[str]()),
    "humanize": (frozenset[str](), _words("apnumber intcomma intword naturalday naturaltime ordinal")),
    "log": (_words("get_admin_log"), frozenset[str]()),
}
