/** The words by which the local analyser tells senders apart. Each is a stem at a word's beginning, so "invoic" finds invoice and invoicing. */
import type { Classification } from "./classification.ts";

type Industry = Classification["industry"];
type Intent = Classification["intent"];

export const INDUSTRY_WORDS: Partial<Record<Industry, string[]>> = {
  software: ["software", "saas", "api", "cloud", "developer", "devops", "deploy", "server", "hosting", "app", "platform", "database", "code", "security", "tech", "digital", "data"],
  finance: ["bank", "financ", "invest", "payment", "loan", "credit", "mortgage", "stock", "trading", "fund", "tax", "accounting", "ledger", "wealth", "capital"],
  insurance: ["insur", "policyholder", "premium", "underwrit", "claim"],
  retail: ["shop", "store", "retail", "fashion", "order", "sale", "cart", "apparel", "gift", "outlet", "shipping", "checkout"],
  travel: ["travel", "flight", "hotel", "booking", "airline", "airport", "trip", "vacation", "itinerary", "resort", "cruise"],
  media: ["news", "daily", "magazine", "journal", "press", "editor", "article", "headline", "broadcast", "podcast"],
  entertainment: ["game", "gaming", "movie", "music", "stream", "concert", "theat", "festival", "sport"],
  education: ["university", "school", "course", "student", "academy", "edu", "college", "learn", "lecture", "tutor"],
  health: ["health", "medic", "clinic", "hospital", "pharma", "patient", "dental", "doctor", "wellness"],
  telecommunications: ["telecom", "mobile", "broadband", "wireless", "carrier", "fiber", "voip"],
  energy: ["energy", "electric", "solar", "utility", "oil", "gas", "pipeline", "megawatt", "power"],
  logistics: ["logistic", "freight", "shipment", "parcel", "courier", "delivery", "warehouse", "tracking"],
  manufacturing: ["manufactur", "factory", "industrial", "machin", "supplier", "assembly"],
  real_estate: ["realty", "real estate", "property", "apartment", "lease", "tenant", "housing"],
  legal: ["law", "legal", "attorney", "counsel", "litigation", "court"],
  consulting: ["consult", "advisory", "advisor"],
  marketing: ["marketing", "advertis", "campaign", "seo", "brand", "agency", "leads"],
  recruiting: ["recruit", "hiring", "candidate", "vacancy", "job", "career", "talent"],
  public_sector: ["gov", "government", "ministry", "council", "municipal", "federal", "agency of"],
  nonprofit: ["charity", "donat", "foundation", "nonprofit", "volunteer", "fundrais"],
  open_source: ["patch", "commit", "kernel", "mailing list", "maintainer", "pull request", "git", "bug", "debian", "gnu", "apache", "python", "linux", "release candidate"],
  food: ["restaurant", "food", "recipe", "menu", "cafe", "grocery", "meal", "wine"],
};

export const INTENT_WORDS: Partial<Record<Intent, string[]>> = {
  billing: ["invoice", "receipt", "payment", "billing", "statement", "amount due", "overdue", "refund"],
  transactional: ["order", "confirm", "shipped", "delivery", "reset your password", "verification", "booking", "ticket"],
  notification: ["notification", "alert", "reminder", "status", "digest", "build failed", "report", "automatic"],
  newsletter: ["newsletter", "weekly", "monthly", "edition", "issue #", "roundup", "this week", "digest"],
  marketing: ["% off", "discount", "sale", "deal", "offer", "save", "limited time", "free trial", "exclusive", "shop now", "coupon"],
  sales_outreach: ["quick call", "schedule a demo", "book a demo", "reaching out", "follow up", "following up", "15 minutes", "our solution", "introduc"],
  support: ["support", "case number", "your request", "help desk", "issue has been", "troubleshoot"],
  event: ["webinar", "conference", "invitation", "register now", "event", "meetup", "summit", "rsvp", "agenda"],
  recruiting: ["job", "position", "vacancy", "resume", "interview", "candidate", "hiring", "recruit"],
  partnership: ["partner", "collaborat", "joint", "reseller", "alliance", "co-market", "affiliate", "integration"],
  procurement: ["request for proposal", "rfp", "rfq", "quote", "quotation", "tender", "purchase order", "procurement", "bid"],
  discussion: ["re:", "patch", "question", "thoughts", "discuss", "list", "review", "proposal"],
  personal: ["love", "dinner", "birthday", "weekend", "family", "see you", "mom", "dad", "lunch"],
};

/** Subjects that only those write who are paid: whoever sends them sells, whatever words of buying stand beside them. */
export const SELLING_SUBJECT = /\b(invoices?|receipts?|billing|(payment|amount) due|overdue|renew(s|al|ing)?|subscription)\b|\b(rechnung|mahnung|facture|factura|fattura|factuur|verl[äa]ngerung)/i;

/** Stands for the domain of messages without a readable sender, as the metadata stage writes it (sender-domain.ts, which loads the public suffix list). */
export const NO_SENDER = "(none)";

/** Public mailbox providers: behind such a domain stand people, not a company. */
export const MAILBOX_PROVIDERS = new Set([
  "gmail.com", "googlemail.com", "yahoo.com", "yahoo.co.uk", "hotmail.com", "outlook.com", "live.com", "msn.com", "aol.com", "icloud.com", "me.com", "mac.com", "gmx.de", "gmx.net", "gmx.com",
  "web.de", "t-online.de", "proton.me", "protonmail.com", "fastmail.com", "mail.ru", "yandex.ru", "qq.com", "163.com", "126.com", "naver.com", "comcast.net", "verizon.net", "earthlink.net", "posteo.de",
]);

/** Top-level domains and endings that say what stands behind them. */
export const INDUSTRY_ENDINGS: [ending: RegExp, industry: Industry][] = [
  [/\.(edu|ac\.[a-z]{2}|edu\.[a-z]{2})$/, "education"],
  [/\.(gov|mil|gov\.[a-z]{2}|gob\.[a-z]{2}|gouv\.[a-z]{2})$/, "public_sector"],
  [/\.(bank|insure)$/, "finance"],
  [/\.(law|legal)$/, "legal"],
  [/\.(health|clinic|hospital)$/, "health"],
  [/\.(travel|flights|holiday)$/, "travel"],
  [/\.(shop|store)$/, "retail"],
  [/\.(jobs|careers)$/, "recruiting"],
  [/(^|\.)(gnu|debian|apache|kernel|python|mozilla|postgresql|freebsd|openbsd|netbsd|gnome|kde|ubuntu|fedoraproject|eclipse)\.org$/, "open_source"],
];

/** Companies that everybody gets mail from: the words of their mail tell less than their name. */
export const KNOWN_LARGE = new Set([
  "google.com", "microsoft.com", "apple.com", "amazon.com", "facebook.com", "facebookmail.com", "linkedin.com", "twitter.com", "x.com", "ibm.com", "oracle.com", "sap.com", "salesforce.com", "github.com", "gitlab.com",
  "paypal.com", "ebay.com", "netflix.com", "adobe.com", "intel.com", "cisco.com", "dell.com", "hp.com", "redhat.com", "samsung.com", "sony.com", "huawei.com", "alibaba.com", "booking.com", "uber.com", "airbnb.com",
  "enron.com", "amd.com", "nvidia.com", "arm.com", "suse.com", "canonical.com", "vmware.com", "qualcomm.com",
]);

/** Services behind which people type their mail. Every other known service sends campaigns or notices. */
const PEOPLE_SERVICES = /^$|custom|smtp|unknown|none|google_workspace|microsoft_365|zoho|proton|icloud|yahoo|fastmail|gmx/;
export const isMailingService = (esp: string): boolean => !PEOPLE_SERVICES.test(esp);
