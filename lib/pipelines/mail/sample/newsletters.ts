/** Newsletters and offers, as sending services make them. */
import type { Draw } from "#lib/draw";
import { domainOf, type Letter } from "./letter.ts";
import { filePart, multipart, type Part, textPart } from "./mime.ts";
import type { Company, Language } from "./senders.ts";

type Words = { subjects: string[]; greeting: string; intro: string[]; lines: string[]; button: string[]; offers: string[]; unsubscribe: string };

const WORDS: Record<Language, Words> = {
  en: {
    subjects: ["This week: {product}", "20% off {product} until Sunday", "Your monthly edition is here", "New in: {product}", "Last chance, {name}: free shipping ends tonight", "Webinar invitation: {product} in practice", "Buy one, get one free on {product}"],
    greeting: "Hi Mara,",
    intro: ["Spring fitting-out is only weeks away, and we have picked what other yards order first.", "Here is what happened along the coast this week, in five minutes.", "We have been busy in the workshop, and today we can finally show you why."],
    lines: ["Tested for a whole season in the Gulf of Maine, and still dry inside.", "Our editors spoke with three harbor masters about the new mooring rules.", "A clear guide to choosing the right weave, with a table to print.", "Customers rate it 4.8 of 5 after more than 900 reviews.", "Members get early access from Thursday at 9 am."],
    button: ["Shop now", "Read more", "Register now", "Start your free trial", "See the collection"],
    offers: ["Save 20% with code HARBOUR20 until Sunday.", "Free shipping on all orders over $75.", "Limited time: 2 for 1 on selected items.", "$15 off your first order.", "Start a 30-day free trial, no card needed."],
    unsubscribe: "Unsubscribe",
  },
  de: { subjects: ["Neu im Programm: {product}", "Nur bis Sonntag: 15 % auf {product}", "Ihr Reisebrief für Mai"], greeting: "Liebe Frau Lindqvist,", intro: ["die Saison beginnt, und wir haben die schönsten Törns für Sie zusammengestellt."], lines: ["Eine Woche rund um Rügen, mit Skipper und Vollverpflegung.", "Frühbucher sparen bis zum Monatsende.", "Für Gruppen ab sechs Personen gelten eigene Preise."], button: ["Jetzt buchen", "Mehr erfahren"], offers: ["15 % Rabatt mit dem Code SEGEL15.", "Kostenlose Stornierung bis 30 Tage vor Abreise."], unsubscribe: "Newsletter abbestellen" },
  fr: { subjects: ["Nouvelle collection : {product}", "-10 % sur {product} jusqu’à dimanche"], greeting: "Bonjour Mara,", intro: ["l’été arrive, et l’atelier vous ouvre ses portes."], lines: ["Coupées et cousues à la main à Marseille.", "Livraison offerte dès 150 €."], button: ["Découvrir", "Profiter de l’offre"], offers: ["-10 % avec le code MISTRAL."], unsubscribe: "Se désabonner" },
  es: { subjects: ["Ofertas de mayo: {product}", "Hasta un 30 % en {product}"], greeting: "Hola, Mara:", intro: ["llegan los días largos y con ellos nuestras ofertas."], lines: ["Cabo trenzado de 8 a 14 mm.", "Envío gratis a partir de 60 €."], button: ["Comprar ahora"], offers: ["30 % de descuento con el código VELA30."], unsubscribe: "Darse de baja" },
  ja: { subjects: ["今週のおすすめ：{product}", "送料無料キャンペーンのお知らせ"], greeting: "リンドクヴィスト様", intro: ["いつもお世話になっております。今週の新商品をご紹介します。"], lines: ["一万円以上のご注文で送料無料です。", "数量限定ですので、お早めにどうぞ。"], button: ["今すぐ見る"], offers: ["期間限定で十五パーセント割引です。"], unsubscribe: "配信停止" },
  ru: { subjects: ["Новые курсы: {product}", "Скидка на {product} до воскресенья"], greeting: "Здравствуйте, Мара!", intro: ["Открыта запись на весенние занятия."], lines: ["Занятия проходят по субботам, в группах до шести человек.", "Инструкторы с двадцатилетним стажем."], button: ["Записаться"], offers: ["Скидка 10% при оплате до 1 мая."], unsubscribe: "Отписаться" },
  zh: { subjects: ["新品推荐：{product}", "本月优惠：{product}"], greeting: "尊敬的客户：", intro: ["感谢您一直以来的支持，以下是本月的新品。"], lines: ["全部产品提供两年质保。", "批量采购请联系我们的销售人员。"], button: ["立即查看"], offers: ["满五千元包邮。"], unsubscribe: "退订" },
  pl: { subjects: ["Nowości: {product}"], greeting: "Dzień dobry,", intro: ["oto nasze nowości na ten miesiąc."], lines: ["Dostawa w 48 godzin.", "Zapraszamy na targi w Gdańsku."], button: ["Zobacz"], offers: ["Rabat 10% do końca miesiąca."], unsubscribe: "Wypisz się" },
};

/** What companies say that sell something else than wares. */
const OWN_WORDS: Record<string, Partial<Words>> = {
  "tidewire.net": { subjects: ["Tidewire Weekly: {product} in five minutes", "Your weekly news digest is here"], lines: ["The port authority published its report on the new mooring rules.", "Our editors spoke with three harbor masters; read the article.", "Podcast: a journalist on board the last coal barge.", "Headlines of the week, and what the press made of them."], button: ["Read the article", "Listen to the podcast"], offers: ["Read every edition in the archive."] },
  "stackmoor.io": { subjects: ["What is new in Stackmoor", "Webinar invitation: {product} in practice", "Jonah here: a quick question"], lines: ["The new API connects your cloud to the shop floor.", "Deploy to your own server in one step; the database moves along.", "Security updates for the whole platform.", "How a yard in Oregon runs its software without a developer."], button: ["Start your free trial", "Schedule a demo"], offers: ["Start a 30-day free trial, no card needed."] },
  "quillpoint-academy.org": { subjects: ["New courses: {product}", "Register now: {product} starts in spring"], lines: ["The course takes four weekends, with a tutor for every six students.", "Our academy's lecture series is open to all.", "Students learn vacuum infusion from the first day."], button: ["Register now"], offers: ["Early bird: 10% off the course fee until Sunday."] },
  "bytebuoy.dev": { subjects: ["Bytebuoy Digest: {product} worth a look", "Issue #{number}: {product}"], lines: ["A small database that fits into one file of code.", "How we deploy forty servers without an outage.", "Security: rotate your API keys before June.", "Developers on what they would not build again."], button: ["Read more"], offers: ["A free trial of our hosting for readers."] },
};

const IMAGE = Buffer.from("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b", "hex");

export function newsletter(draw: Draw, company: Company, sentAt: Date, number: number): Letter {
  const said = { ...WORDS[company.language], ...OWN_WORDS[company.domain] };
  const from = draw.pick(company.people);
  const subject = draw.pick(said.subjects).replace("{product}", company.product).replace("{name}", "Mara").replace("{number}", String(number));
  const site = `www.${domainOf(from.address).split(".").slice(-3).join(".")}`;
  const tracked = (path: string) => `https://${site}/${path}?utm_source=newsletter&utm_medium=email&utm_campaign=edition-${number}&utm_content=${draw.hex(4)}`;
  const items = Array.from({ length: draw.integer(3, 9) }, (_, index) => ({ line: draw.pick(said.lines), url: tracked(`items/${index + 1}`), price: `${company.currency} ${draw.integer(12, 480)}.00` }));
  const intro = draw.pick(said.intro);
  const offer = draw.pick(said.offers);
  const button = draw.pick(said.button);
  const unsubscribe = `https://${site}/unsubscribe/${draw.hex(20)}`;
  const hasUnfilled = draw.chance(0.03);
  const greeting = hasUnfilled ? "Hi {{first_name}}," : said.greeting;
  const plain = [greeting, "", intro, "", ...items.flatMap(({ line, url }) => [`* ${line}`, `  ${url}`]), "", offer, "", `${button}: ${tracked("start")}`, "", "--", company.name, company.place, `${said.unsubscribe}: ${unsubscribe}`, ""].join("\n");
  const cells = items.map(({ line, url, price }) => `<tr><td style="padding:16px 24px;font-family:Helvetica,Arial,sans-serif;font-size:15px;line-height:22px;color:#22303c;border-bottom:1px solid #e6eaee"><a href="${url.replaceAll("&", "&amp;")}"><img src="https://${site}/img/${draw.hex(8)}.jpg" width="560" height="240" alt="" style="display:block;border:0;width:100%;max-width:560px"></a><p style="margin:12px 0 4px 0">${line}</p><p style="margin:0;color:#6a7a88">${price}</p></td></tr>`);
  const html = `<!doctype html><html lang="${company.language}"><head><meta charset="${company.charset}"><title>${subject}</title><style>@media(max-width:600px){.w{width:100%!important}} a{color:#0b6bcb}</style></head>
<body style="margin:0;background:#f3f5f7"><div style="display:none;max-height:0;overflow:hidden">${intro}</div>
<table role="presentation" class="w" width="600" align="center" cellpadding="0" cellspacing="0" style="background:#ffffff">
<tr><td style="padding:24px"><img src="${draw.chance(0.2) ? "cid:logo" : `https://${site}/logo.png`}" width="140" height="40" alt="${company.name}"></td></tr>
<tr><td style="padding:0 24px"><h1 style="font-family:Georgia,serif;font-size:28px">${subject}</h1><p>${greeting}</p><p>${intro}</p></td></tr>
${cells.join("\n")}
<tr><td align="center" style="padding:32px"><p><strong>${offer}</strong></p><a class="button" href="${tracked("start").replaceAll("&", "&amp;")}" style="background:#0b6bcb;color:#fff;padding:14px 28px;border-radius:6px;text-decoration:none">${button}</a></td></tr>
<tr><td style="padding:24px;font-size:12px;color:#8a97a3"><a href="https://www.instagram.com/${company.name.replace(/\W/g, "").toLowerCase()}">Instagram</a> · <a href="https://www.facebook.com/${company.name.replace(/\W/g, "").toLowerCase()}">Facebook</a><p>${company.name}, ${company.place}</p><p><a href="${unsubscribe}">${said.unsubscribe}</a></p></td></tr>
</table><img src="https://${site}/open/${draw.hex(24)}.gif" width="1" height="1" alt=""></body></html>`;

  const boundary = `=_${draw.hex(16)}`;
  const alternatives: Part[] = [
    textPart("plain", plain, company.charset, company.charset === "iso-2022-jp" ? "7bit" : draw.pick(["quoted-printable", "8bit"] as const)),
    textPart("html", html, company.charset, draw.pick(["quoted-printable", "base64"] as const)),
  ];
  const alternative = multipart("alternative", alternatives, boundary);
  const body = html.includes("cid:logo") ? multipart("related", [alternative, filePart("logo.gif", "image/gif", IMAGE, "logo")], `rel_${draw.hex(12)}`) : alternative;
  return {
    from: { name: from.name, address: from.address },
    subject, sentAt, body,
    charset: company.charset,
    service: company.service,
    messageId: `${draw.hex(24)}.${number}@${domainOf(from.address)}`,
    headers: [["List-Unsubscribe", `<${unsubscribe}>, <mailto:unsubscribe@${domainOf(from.address)}>`], ["List-Unsubscribe-Post", "List-Unsubscribe=One-Click"], ["List-Id", `<news.${domainOf(from.address)}>`]],
  };
}
