package negative

import "strings"

// hostile lists texts sent by attackers or faulty programs. They are all valid strings.
var hostile = []string{
	"' OR '1'='1", `"; DROP TABLE journal; --`, "1; SELECT pg_sleep(9)", "%' ESCAPE '!", `\'; COMMIT; --`, "$$); --", "${jndi:ldap://127.0.0.1/a}",
	"<script>alert(1)</script>", "<!--#exec cmd=\"id\"-->", "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
	"$(reboot)", "`id`", "; rm -rf /", "| nc 127.0.0.1 1", "&& true", "../../../../etc/passwd", `..\..\windows`, "file:///etc/passwd", "C:\\NUL",
	"{{7*7}}", "#{7*7}", "%s%s%s%n", "=HYPERLINK(\"http://127.0.0.1\")", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3",
	"\u202egnp.eciovni", "\u200bzero\u200bwidth\u200b", "\ufeffmark", "\u2066ltr\u2069", "\u00a0", "e\u0301\u0301\u0301", "ﷺﷺﷺ", "🏮👨‍👩‍👧‍👦🇨🇳",
	"𠮷野家", "𪚥𠔻𫝆", "㐀㐁", "庄浪縣", "ｆｕｌｌ１２３", "١٢٣", "Ⅷ", "null", "undefined", "NaN", "Infinity", "true", "0x10", "1e9", "-0", "00", "1_000", "١",
	"2018-02-29", "2018-13-01", "2018-00-10", "0000-00-00", "2018-6-1", "20180615", "15.06.2018", "2018-06-15T00:00:00Z", "二〇一八年六月十五日", "9999-99-99", "-2018-01-01",
	"51620825MJDEM00300", "51620825mjdem0030n", "5162082SMJDEM0030N", "51620825MJDEM0030", "51620825MJDEM0030NN", "91350211M0000XUF46", "OIZSV0000000000000",
	"0192d3a0-7c1e-7e6b-9f3a", "{0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70}", "0192D3A0-7C1E-7E6B-9F3A-5B8C2D4E6F70", "00000000-0000-0000-0000-00000000000g",
	"", " ", "\t", "\n", strings.Repeat("长", 700), strings.Repeat("𪚥", 2100), strings.Repeat("a", 40000),
}

// escaped lists such texts as they appear in a URL.
var escaped = []string{
	"%00", "a%00b", "%ff%fe", "%c0%af", "%ed%a0%80", "%e6", "%0d%0aX-Injected:%201", "%1b%5b2J", "%7f", "%25", "%2500", "%252e%252e%252f", "..%2f..%2fetc%2fpasswd",
	"%2e%2e", "%27%20OR%20%271%27=%271", "%3Cscript%3E", "%E2%80%AE", "%F0%AA%9A%A5", "%EF%BB%BF", "%20", "+", "*", "%5c", "%7b%7d", "%24%7bjndi%7d", "-1", "%C3%28",
	strings.Repeat("9", 300), strings.Repeat("%E9%95%BF", 500),
}
