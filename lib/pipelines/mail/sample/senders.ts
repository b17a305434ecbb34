/** Who writes to Mara Lindqvist of Harbour Lane, a small boatyard. All of them are invented. */
import type { Charset } from "./charsets.ts";

export const OWNER = { name: "Mara Lindqvist", address: "mara@harbourlane.example", host: "mx.harbourlane.example" };

export type Person = { name: string; address: string; role: string };
export type Service = "mailchimp" | "sendgrid" | "klaviyo" | "hubspot" | "amazon_ses" | "plain";
export type Language = "en" | "de" | "fr" | "es" | "ja" | "ru" | "zh" | "pl";
export type Company = {
  name: string;
  domain: string;
  people: Person[];
  language: Language;
  charset: Charset;
  service: Service;
  /** A postal address for footers. */
  place: string;
  product: string;
  currency: string;
  /** When it stopped writing, as a part of the archive from 0 to 1. */
  silentFrom?: number;
};

const company = (name: string, domain: string, language: Language, charset: Charset, service: Service, product: string, place: string, currency: string, people: [name: string, local: string, role: string][]): Company => ({
  name, domain, language, charset, service, product, place, currency,
  people: people.map(([person, local, role]) => ({ name: person, address: `${local}@${domain}`, role })),
});

/** Newsletters and offers. */
export const PUBLISHERS: Company[] = [
  company("Saltwhistle Outfitters", "saltwhistle-outfitters.com", "en", "utf-8", "klaviyo", "foul-weather jackets", "18 Quay Street, Falmouth, ME 04105", "USD", [["Saltwhistle Outfitters", "hello", ""]]),
  company("Tidewire Weekly", "tidewire.net", "en", "utf-8", "mailchimp", "harbour news", "2 Signal House, Bristol BS1 4TR, United Kingdom", "GBP", [["Tidewire Weekly", "editor", "Editor"]]),
  company("Pelagia Reisen", "pelagia-reisen.de", "de", "iso-8859-1", "mailchimp", "Segelreisen", "Hafenstraße 12, 18055 Rostock", "EUR", [["Pelagia Reisen", "newsletter", ""]]),
  company("Atelier Mistral", "ateliermistral.fr", "fr", "windows-1252", "sendgrid", "voiles sur mesure", "4 quai du Port, 13002 Marseille", "EUR", [["Atelier Mistral", "bonjour", ""]]),
  company("Cordel y Vela", "cordelyvela.es", "es", "utf-8", "klaviyo", "cabos y jarcias", "Calle del Muelle 9, 11500 El Puerto", "EUR", [["Cordel y Vela", "ofertas", ""]]),
  company("Hamanasu Marine", "hamanasu-marine.co.jp", "ja", "iso-2022-jp", "amazon_ses", "船具", "神奈川県横浜市中区海岸通1-2", "JPY", [["はまなす通信", "news", ""]]),
  company("Belyj Parus", "belyjparus.ru", "ru", "koi8-r", "plain", "парусные курсы", "Набережная 7, Выборг", "RUB", [["Белый парус", "info", ""]]),
  company("Lanxing Shipping", "lanxing-shipping.cn", "zh", "gb18030", "plain", "船舶配件", "青岛市海港路88号", "CNY", [["蓝星船务", "sales", ""]]),
  company("Stackmoor", "stackmoor.io", "en", "utf-8", "hubspot", "cloud software for workshops", "500 Terminal Ave, Seattle, WA 98101", "USD", [["Jonah from Stackmoor", "jonah", "Account Executive"]]),
  company("Quillpoint Academy", "quillpoint-academy.org", "en", "utf-8", "sendgrid", "composite repair courses", "77 Slipway Road, Newport, RI 02840", "USD", [["Quillpoint Academy", "courses", ""]]),
  company("Bytebuoy", "bytebuoy.dev", "en", "utf-8", "mailchimp", "developer tools", "1 Loop Lane, Dublin D02 X285", "EUR", [["Bytebuoy Digest", "digest", ""]]),
  company("Marenza", "shop.marenza.co.uk", "en", "windows-1252", "klaviyo", "deck shoes", "31 Chandlery Row, Poole BH15 1HJ", "GBP", [["Marenza", "offers", ""]]),
];

/** Vendors with invoices, licences and renewals. */
export const VENDORS: Company[] = [
  company("Northquay Insurance", "northquay-insurance.com", "en", "utf-8", "amazon_ses", "yard liability policy", "9 Lighthouse Square, Portland, ME 04101", "USD", [["Ellen Barkow", "ellen.barkow", "Account Manager"], ["Northquay Billing", "billing", ""]]),
  company("Stackmoor", "stackmoor.io", "en", "utf-8", "sendgrid", "Stackmoor Team licence", "500 Terminal Ave, Seattle, WA 98101", "USD", [["Stackmoor Billing", "billing", ""], ["Priya Nandal", "priya.nandal", "Customer Success Manager"]]),
  company("Kielwerk Harze", "kielwerk-harze.de", "de", "iso-8859-1", "plain", "Epoxidharz", "Werftweg 3, 24143 Kiel", "EUR", [["Jörg Söhnlein", "joerg.soehnlein", "Vertriebsleiter"], ["Kielwerk Buchhaltung", "rechnung", ""]]),
  company("Drayline Freight", "drayline-freight.com", "en", "utf-8", "amazon_ses", "trailer transport", "400 Dock Road, Halifax, NS B3H 1A1", "CAD", [["Drayline Dispatch", "dispatch", ""], ["Tom Achterberg", "tom", "Operations Manager"]]),
  company("Gullwing Energy", "gullwing-energy.co.uk", "en", "utf-8", "sendgrid", "electricity", "Grid House, Hull HU1 1AA", "GBP", [["Gullwing Energy", "bills", ""]]),
  company("Sailcloth Express", "sailcloth-express.com", "en", "utf-8", "plain", "Dacron by the metre", "12 Loom Street, Lowell, MA 01852", "USD", [["Orders at Sailcloth Express", "orders", ""]]),
];

/** People with whom there is correspondence. */
export const CORRESPONDENTS: Company[] = [
  company("Fenwick & Rowe Marinas", "fenwickrowe.com", "en", "utf-8", "plain", "berths", "Marina Way 1, Cowes PO31 7BD", "GBP", [["Harriet Rowe", "harriet.rowe", "Chief Executive Officer"], ["Daniel Osei", "d.osei", "Head of Procurement"]]),
  company("Tern Island Ferries", "ternislandferries.com", "en", "windows-1252", "plain", "ferries", "Pier 4, Rockland, ME 04841", "USD", [["Luis Carmona", "lcarmona", "Fleet Director"]]),
  company("Svenska Båtbyggen", "batbyggen.se", "en", "iso-8859-1", "plain", "hulls", "Varvsgatan 5, 451 50 Uddevalla", "EUR", [["Åsa Öberg", "asa.oberg", "Partner Manager"]]),
  company("Werft am Bodden", "werft-am-bodden.de", "de", "utf-8", "plain", "Rümpfe", "Am Bodden 2, 18439 Stralsund", "EUR", [["Grete Wüstenhagen", "g.wuestenhagen", "Geschäftsführerin"]]),
  company("Stocznia Bałtyk", "stocznia-baltyk.pl", "pl", "iso-8859-2", "plain", "kadłuby", "ul. Nabrzeżna 14, 80-001 Gdańsk", "EUR", [["Łukasz Wiśniewski", "l.wisniewski", "Kierownik projektu"]]),
  company("Yokohama Yacht Works", "yokohama-yacht.co.jp", "ja", "iso-2022-jp", "plain", "ヨット", "横浜市西区みなとみらい3-1", "JPY", [["佐藤 健", "k.sato", "営業部長"]]),
  { ...company("Brightmast Capital", "brightmast.com", "en", "utf-8", "plain", "growth loans", "60 Exchange Place, New York, NY 10005", "USD", [["Colin Prewitt", "colin.prewitt", "Managing Partner"]]), silentFrom: 0.6 },
  company("Oarlock Recruiting", "oarlock-recruiting.com", "en", "utf-8", "plain", "shipwrights", "14 Talent Yard, Southampton SO14 2AR", "GBP", [["Nadia Ferris", "nadia", "Senior Recruiter"]]),
  company("Municipal Port of Ellis Sound", "ellissound-port.org", "en", "utf-8", "plain", "tenders", "1 Harbormaster Plaza, Ellis Sound, WA 98250", "USD", [["Procurement Office", "tenders", ""], ["Joyce Amadi", "j.amadi", "Purchasing Officer"]]),
  { ...company("Loop & Lantern", "looplantern.com", "en", "utf-8", "plain", "brand films", "3 Foundry Mews, Leeds LS10 1JF", "GBP", [["Ivy Castellan", "ivy", "Creative Director"]]), silentFrom: 0.8 },
  company("Mailhaven", "mailhaven.net", "en", "utf-8", "plain", "", "", "USD", [["Birgitta Lindqvist", "birgitta.lindqvist", ""], ["Ted Malloy", "ted.malloy", ""]]),
];
