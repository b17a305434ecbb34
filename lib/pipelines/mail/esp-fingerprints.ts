/**
 * By what each sending service is known. Domains match themselves and everything below them.
 * Left out on purpose: what receiving servers write into everybody's mail (X-MS-Exchange-CrossTenant-…, X-Google-Smtp-Source).
 */

export type Fingerprint = {
  /** Stored as `esp`. */
  name: string;
  /** Others send through it (Substack through Mailgun): it counts for less, so that the service above it wins. */
  carrier?: true;
  returnPath?: string[];
  dkim?: string[];
  /** Names of header fields that only this service writes, as a pattern over lower-case names. */
  headers?: string[];
  mailer?: RegExp;
  feedbackId?: RegExp;
  /** Hosts that hand the message over. */
  received?: string[];
  /** Domains of its Message-IDs and of its unsubscribe and tracking addresses. */
  tracking?: string[];
};

export const FINGERPRINTS: Fingerprint[] = [
  { name: "mailchimp", returnPath: ["mcsv.net", "mcdlv.net", "rsgsv.net", "mailchimpapp.net"], dkim: ["mcsv.net", "mcdlv.net", "rsgsv.net", "mailchimpapp.net"], headers: ["x-mc-user", "x-mailchimp-id"], mailer: /mailchimp/i, feedbackId: /:mc$/i, received: ["mcsv.net", "mcdlv.net", "rsgsv.net"], tracking: ["list-manage.com", "campaign-archive.com", "mcsv.net"] },
  { name: "mandrill", returnPath: ["mandrillapp.com", "bounce.mandrillapp.com"], dkim: ["mandrillapp.com"], headers: ["x-mandrill-user"], received: ["mandrillapp.com"], tracking: ["mandrillapp.com"] },
  { name: "sendgrid", carrier: true, returnPath: ["sendgrid.net"], dkim: ["sendgrid.net", "sendgrid.info", "sendgrid.com"], headers: ["x-sg-eid", "x-sg-id"], feedbackId: /:sg$/i, received: ["sendgrid.net"], tracking: ["sendgrid.net"] },
  { name: "mailgun", carrier: true, returnPath: ["mailgun.org", "mailgun.net"], dkim: ["mailgun.org", "mailgun.net"], headers: ["x-mailgun-sid", "x-mailgun-sending-ip", "x-mailgun-variables", "x-mailgun-tag"], feedbackId: /:mailgun$/i, received: ["mailgun.org", "mailgun.net"], tracking: ["mailgun.org", "mailgun.net"] },
  { name: "amazon_ses", carrier: true, returnPath: ["amazonses.com"], dkim: ["amazonses.com"], headers: ["x-ses-outgoing"], feedbackId: /:amazonses$/i, received: ["amazonses.com"], tracking: ["amazonses.com", "awstrack.me"] },
  { name: "postmark", carrier: true, returnPath: ["mtasv.net"], dkim: ["mtasv.net"], headers: ["x-pm-message-id", "x-pm-rcpt", "x-pm-tag"], feedbackId: /:postmark$/i, received: ["mtasv.net"], tracking: ["pstmrk.it", "mtasv.net"] },
  { name: "sparkpost", carrier: true, returnPath: ["sparkpostmail.com", "e.sparkpost.com", "mail.sparkpost.com"], dkim: ["sparkpostmail.com"], headers: ["x-msys-api", "x-msfbl"], feedbackId: /:sparkpost/i, received: ["sparkpostmail.com"], tracking: ["spgo.io", "sparkpostmail.com"] },
  { name: "klaviyo", returnPath: ["klaviyomail.com"], dkim: ["klaviyomail.com", "klaviyodns.com"], headers: ["x-kmail-account", "x-kmail-message", "x-kmail-relay"], received: ["klaviyomail.com"], tracking: ["klaviyomail.com", "klclick.com", "klclick1.com", "klclick2.com", "klclick3.com"] },
  { name: "hubspot", returnPath: ["hubspotemail.net", "bf01.hubspotemail.net"], dkim: ["hubspotemail.net", "hubspot.com", "hs-send.com"], headers: ["x-hs-cid", "x-hubspot-messageid"], mailer: /hubspot/i, feedbackId: /:hubspot$/i, received: ["hubspotemail.net", "hs-send.com"], tracking: ["hubspotemail.net", "hubspotlinks.com", "hubspotlinksstarter.com", "hs-sites.com"] },
  { name: "brevo", returnPath: ["sendinblue.com", "brevosend.com", "sender-sib.com"], dkim: ["sendinblue.com", "brevosend.com", "sender-sib.com", "brevo.com"], headers: ["x-sib-id", "x-mailin-eid", "x-mailin-client", "x-mailin-campaign"], mailer: /sendinblue|brevo/i, received: ["sendinblue.com", "brevosend.com", "sender-sib.com"], tracking: ["sendibt3.com", "sendibt2.com", "sendibm1.com", "sendibm3.com", "sendinblue.com", "brevosend.com"] },
  { name: "constant_contact", returnPath: ["in.constantcontact.com", "constantcontact.com"], dkim: ["ccsend.com", "auth.ccsend.com", "constantcontact.com"], headers: ["x-roving-id", "x-roving-campaignid", "x-roving-sent"], mailer: /roving constant contact/i, received: ["constantcontact.com", "ccsend.com", "confirmedcc.com"], tracking: ["constantcontact.com", "rs6.net", "ccsend.com"] },
  { name: "campaign_monitor", returnPath: ["createsend.com", "cmail19.com", "cmail20.com", "createsend1.com"], dkim: ["createsend.com", "cmail19.com", "cmail20.com"], headers: ["x-cmail-campaignid"], mailer: /createsend|campaign monitor/i, feedbackId: /:createsend|:cmonitor/i, received: ["createsend.com", "cmail19.com", "cmail20.com"], tracking: ["createsend.com", "createsend1.com", "cmail19.com", "cmail20.com"] },
  { name: "salesforce_marketing_cloud", returnPath: ["exacttarget.com", "s.exacttarget.com", "exct.net", "bounce.exacttarget.com"], dkim: ["exacttarget.com", "s1.exacttarget.com"], headers: ["x-sfmc-stack", "x-jobid", "x-et-route"], mailer: /exacttarget|salesforce marketing/i, feedbackId: /:sfmc$/i, received: ["exacttarget.com", "exct.net", "mta.exacttarget.com"], tracking: ["exacttarget.com", "exct.net", "sfmc-content.com"] },
  { name: "salesforce", returnPath: ["salesforce.com"], dkim: ["salesforce.com"], headers: ["x-sfdc-user", "x-sfdc-lk", "x-sfdc-emailcategory"], received: ["salesforce.com"], tracking: ["salesforce.com"] },
  { name: "pardot", returnPath: ["pardot.com"], dkim: ["pardot.com"], headers: ["x-pardot-campaign", "x-pardot-lb3", "x-pardot-route"], received: ["pardot.com"], tracking: ["pardot.com"] },
  { name: "marketo", returnPath: ["mktomail.com", "mktdns.com", "en25mkto.com"], dkim: ["mktomail.com", "mktdns.com"], headers: ["x-mktmailinfo", "x-marketoid", "x-mailfrom-marketo", "x-mktarchive"], mailer: /marketo/i, received: ["mktomail.com", "mktdns.com"], tracking: ["mktomail.com", "mkt-track.com", "mktoweb.com"] },
  { name: "eloqua", returnPath: ["eloqua.com", "en25.com"], dkim: ["eloqua.com", "en25.com"], headers: ["x-eloqua-elqat", "x-elqpod", "x-elqsite"], received: ["en25.com", "eloqua.com"], tracking: ["eloqua.com", "en25.com"] },
  { name: "braze", returnPath: ["braze.com", "appboy.com"], dkim: ["braze.com", "appboy.com"], headers: ["x-appboy-trace", "x-braze-trace"], tracking: ["appboy.com", "braze.com", "appboy-images.com"] },
  { name: "iterable", returnPath: ["iterable.com"], dkim: ["iterable.com"], headers: ["x-iterable-campaign-id", "x-iterable-template-id"], feedbackId: /:iterable/i, tracking: ["iterable.com", "links.iterable.com"] },
  { name: "customer_io", returnPath: ["customeriomail.com", "cioeu.com"], dkim: ["customeriomail.com", "customer.io"], headers: ["x-cio-delivery-id", "x-report-abuse-to-cio"], feedbackId: /:customerio|:cio$/i, received: ["customeriomail.com"], tracking: ["customeriomail.com", "customer.io", "cioeu.com"] },
  { name: "activecampaign", returnPath: ["emsend1.com", "emsend2.com", "emsd1.com", "acemsa1.com", "acems1.com", "activehosted.com"], dkim: ["emsend1.com", "emsend2.com", "emsd1.com", "acemsa1.com", "acems1.com", "activecampaign.com"], headers: ["x-ac-id", "x-campaignid-ac"], feedbackId: /:ac$/i, received: ["acemsa1.com", "acems1.com", "emsd1.com"], tracking: ["activehosted.com", "emlnk.com", "emlnk1.com", "acemlna.com", "acemlnb.com"] },
  { name: "convertkit", returnPath: ["convertkit.com", "convertkit-mail.com", "convertkit-mail2.com", "convertkit-mail3.com"], dkim: ["convertkit.com", "convertkit-mail.com", "convertkit-mail2.com", "convertkit-mail3.com"], headers: ["x-convertkit-id"], feedbackId: /:convertkit/i, tracking: ["convertkit.com", "convertkit-mail.com", "convertkit-mail2.com", "convertkit-mail3.com", "kit-mail3.com"] },
  { name: "substack", returnPath: ["mg1.substack.com", "mg2.substack.com", "mg-d0.substack.com", "mg-d1.substack.com", "substack.com"], dkim: ["substack.com", "mg1.substack.com", "mg-d1.substack.com"], headers: ["x-substack-post-id"], tracking: ["substack.com"] },
  { name: "beehiiv", returnPath: ["beehiiv.com"], dkim: ["beehiiv.com", "mail.beehiiv.com"], headers: ["x-beehiiv-ids", "x-beehiiv-type"], tracking: ["beehiiv.com"] },
  { name: "mailerlite", returnPath: ["mlsend.com", "mlsend2.com", "mailerlite.com"], dkim: ["mlsend.com", "mlsend2.com", "mailerlite.com"], headers: ["x-mailerlite-id"], mailer: /mailerlite/i, feedbackId: /:mailerlite/i, received: ["mlsend.com"], tracking: ["mlsend.com", "mlsend2.com", "mailerlite.com"] },
  { name: "getresponse", returnPath: ["getresponse-mail.com", "gr-mail.com", "getresponse.com"], dkim: ["getresponse-mail.com", "getresponse.com"], headers: ["x-getresponse-id"], mailer: /getresponse/i, received: ["getresponse.com", "getresponse-mail.com"], tracking: ["getresponse.com", "getresponse-mail.com"] },
  { name: "aweber", returnPath: ["aweber.com"], dkim: ["aweber.com", "send.aweber.com"], headers: ["x-aweber-list", "x-aweber-id"], mailer: /aweber/i, received: ["aweber.com"], tracking: ["aweber.com"] },
  { name: "mailjet", carrier: true, returnPath: ["mailjet.com", "bnc3.mailjet.com"], dkim: ["mailjet.com"], headers: ["x-mj-mid", "x-mj-campaign", "x-mailjet-campaign"], feedbackId: /:mailjet|:mj$/i, received: ["mailjet.com"], tracking: ["mjt.lu", "mailjet.com"] },
  { name: "intercom", returnPath: ["intercom-mail.com"], dkim: ["intercom-mail.com", "intercom.io"], headers: ["x-intercom-bin"], tracking: ["intercom-mail.com", "intercom-clicks.com"] },
  { name: "zendesk", returnPath: ["zendesk.com"], dkim: ["zendesk.com"], headers: ["x-zendesk-priority-mail", "x-zendesk-from-account-id"], mailer: /zendesk/i, received: ["zendesk.com", "zdsys.com"], tracking: ["zendesk.com"] },
  { name: "github", returnPath: ["github.com"], dkim: ["github.com"], headers: ["x-github-sender", "x-github-reason"], received: ["github.com", "github.net"], tracking: ["github.com"] },
  { name: "google_workspace", returnPath: ["gmail.com", "googlemail.com"], dkim: ["gmail.com", "gappssmtp.com", "googlemail.com"], headers: ["x-gm-message-state", "x-google-dkim-signature"], received: ["google.com"], tracking: ["mail.gmail.com"] },
  { name: "microsoft_365", returnPath: ["outlook.com", "hotmail.com", "onmicrosoft.com"], dkim: ["onmicrosoft.com", "outlook.com", "hotmail.com"], received: ["outbound.protection.outlook.com"], tracking: ["prod.outlook.com", "outlook.com"] },
  { name: "zoho", returnPath: ["zoho.com", "zoho.eu", "zohomail.com", "zcsend.net"], dkim: ["zoho.com", "zohomail.com", "zcsend.net", "zohocampaigns.com"], headers: ["x-zohomailclient", "x-zoho-virus-status"], mailer: /zoho/i, received: ["zoho.com", "zohomail.com", "zcsend.net"], tracking: ["zoho.com", "zcsend.net", "zohocampaigns.com"] },
  { name: "proton", returnPath: ["proton.me", "protonmail.com", "protonmail.ch", "pm.me"], dkim: ["proton.me", "protonmail.com", "pm.me"], headers: ["x-pm-origin", "x-pm-content-encryption"], mailer: /proton ?mail/i, received: ["protonmail.ch", "proton.ch", "protonmail.com"], tracking: ["protonmail.com", "proton.me", "protonmail.internalid"] },
  { name: "icloud", returnPath: ["icloud.com", "me.com", "mac.com"], dkim: ["icloud.com", "me.com", "mac.com"], mailer: /^icloud/i, received: ["icloud.com", "me.com", "mac.com"], tracking: ["icloud.com", "me.com"] },
  { name: "yahoo", returnPath: ["yahoo.com", "ymail.com", "aol.com"], dkim: ["yahoo.com", "aol.com", "ymail.com"], headers: ["x-ymail-osg"], mailer: /yahoomailwebservice|webservice\/.*ymailnorrin/i, received: ["mail.yahoo.com", "yahoo.com"], tracking: ["mail.yahoo.com", "yahoo.com"] },
  { name: "fastmail", returnPath: ["fastmail.com", "fastmail.fm", "messagingengine.com"], dkim: ["messagingengine.com", "fastmail.com", "fastmail.fm"], headers: ["x-me-sender", "x-me-proxy"], mailer: /fastmail|messagingengine/i, received: ["messagingengine.com"], tracking: ["fastmail.com", "messagingengine.com"] },
  { name: "gmx", returnPath: ["gmx.de", "gmx.net", "gmx.com", "web.de"], dkim: ["gmx.de", "gmx.net", "gmx.com", "web.de"], headers: ["x-ui-out-filterresults", "ui-outboundreport"], received: ["gmx.net", "gmx.com", "web.de"], tracking: ["gmx.net", "gmx.de", "web.de"] },
];
