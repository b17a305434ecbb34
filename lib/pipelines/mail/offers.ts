/** Offers in a message's words, by patterns; English first, with the commonest German, French and Spanish wordings. */

export const OFFER_TYPES = ["percent_off", "amount_off", "free_shipping", "free_trial", "bogo", "limited_time", "early_access", "bundle", "gift", "loyalty", "referral"] as const;
export type OfferType = (typeof OFFER_TYPES)[number];
export type Offer = { type: OfferType; text: string };

const MAX_CHARS = 50_000;
const MAX_PER_TYPE = 3;

const PATTERNS: Record<OfferType, RegExp> = {
  percent_off: /\b\d{1,2}(?:[.,]\d)? ?(?:%|percent)[ -]{0,3}(?:off|discount|savings?|rabatt|de (?:r[ée]duction|descuento|remise))|\b(?:save|spare?n?|discount of) (?:up to |bis zu )?\d{1,2} ?%|-\d{2} ?%/gi,
  amount_off: /(?:[$€£]|USD|EUR|GBP) ?\d{1,5}(?:[.,]\d{2})? off\b|\bsave (?:up to )?[$€£] ?\d{1,5}|\b\d{1,5} ?(?:€|euro) (?:rabatt|sparen|geschenkt|de r[ée]duction|de descuento)/gi,
  free_shipping: /\bfree (?:\w+ )?(?:shipping|delivery|returns)\b|\bships free\b|kostenlose[rn]? versand|versandkostenfrei|gratis versand|livraison (?:gratuite|offerte)|env[íi]o gratis/gi,
  free_trial: /\bfree (?:\d+[ -]day )?trial\b|\b\d+[ -]days? free\b|\btry (?:it )?(?:for )?free\b|kostenlos (?:testen|ausprobieren)|essai gratuit|prueba gratuita/gi,
  bogo: /\bbogo\b|\bbuy (?:one|1|two|2),? get (?:one|1|two|2)\b|\b(?:2|two) for (?:1|one|the price of)\b|\b[23]x[12]\b|\b2 (?:f[üu]r|zum preis von) 1\b/gi,
  limited_time: /\blimited[- ]time\b|\b(?:ends|expires) (?:today|tonight|tomorrow|soon|at midnight|(?:on |this )?(?:sunday|monday|tuesday|wednesday|thursday|friday|saturday))|\b(?:last|final) (?:chance|hours|day)s?\b|\b(?:today|24 hours|48 hours) only\b|\bflash sale\b|nur (?:noch )?(?:heute|kurze zeit|bis)\b|letzte chance|derni[èe]re chance|[úu]ltima oportunidad/gi,
  early_access: /\bearly (?:access|bird)\b|\bpre-?sale\b|\bbefore (?:anyone|everyone) else\b|\bfirst (?:dibs|access)\b|\bexclusive (?:preview|access)\b|fr[üu]hbucher|vorab-?zugang|acc[èe]s anticip[ée]|acceso anticipado/gi,
  bundle: /\bbundles?\b(?! up)|\bvalue pack\b|\bbuy (?:more|the set),? (?:and )?save\b|\bmix (?:and|&) match\b|\bsparpaket\b|\bcoffret\b/gi,
  gift: /\bfree gift\b|\bgift with (?:purchase|your)\b|\bcomplimentary (?:gift|sample)\b|\bgift cards?\b|\bour gift to you\b|gratis-?geschenk|geschenk f[üu]r (?:sie|dich)|cadeau (?:offert|gratuit)|regalo gratis/gi,
  loyalty: /\b(?:reward|loyalty|bonus|double|triple) points\b|\bloyalty (?:program|card|member)|\brewards? (?:program|member|balance)|\bvip (?:club|member|access)\b|\bearn (?:\d+ )?points\b|treuepunkte|bonuspunkte|programme de fid[ée]lit[ée]|puntos de fidelidad/gi,
  referral: /\brefer[- ]a[- ]friend\b|\brefer (?:your )?(?:a )?(?:friends?|colleagues?)\b|\binvite (?:your |a )?friends?\b|\breferral (?:code|link|bonus|program)|\bgive [$€£]?\d+,? get [$€£]?\d+|freunde? werben|parrain(?:ez|age)|invita a (?:un |tus )amigo/gi,
};

/** Each offer with the words around it, at most three of a type. */
export function findOffers(subject: string, body: string): Offer[] {
  const text = `${subject}\n${body}`.slice(0, MAX_CHARS);
  return OFFER_TYPES.flatMap((type) => {
    const found = new Map<string, Offer>();
    for (const match of text.matchAll(PATTERNS[type])) {
      if (found.size >= MAX_PER_TYPE) break;
      if (!found.has(match[0].toLowerCase())) found.set(match[0].toLowerCase(), { type, text: around(text, match.index, match[0].length) });
    }
    return [...found.values()];
  });
}

function around(text: string, at: number, length: number): string {
  const before = text.slice(Math.max(0, at - 40), at).replace(/^.*\n/s, "");
  const after = text.slice(at + length, at + length + 60).replace(/\n.*$/s, "");
  return `${before}${text.slice(at, at + length)}${after}`.replace(/\s+/g, " ").trim();
}
