//! The layouts themselves: a name, and what stands below the new text.

/// Heads of earlier mails.
pub const HEADS: &[(&str, &str)] = &[
    ("gmail", "On Tue, Feb 4, 2025 at 10:11 AM Ben Ito <ben@x.example> wrote:\n\n> earlier words\n> more"),
    (
        "gmail wrapped",
        "On Tue, Feb 4, 2025 at 10:11 AM Ben Ito Warehouse and Logistics\n<ben@x.example> wrote:\n\n> earlier words",
    ),
    ("apple", "On Feb 4, 2025, at 10:11 AM, Ben Ito <ben@x.example> wrote:\n\n> earlier words"),
    ("thunderbird", "On 04/02/2025 10:11, Ben Ito wrote:\n> earlier words"),
    (
        "outlook classic",
        "-----Original Message-----\nFrom: Ben Ito\nSent: Tuesday, February 4, 2025 10:11 AM\nTo: Ada Moss\nSubject: RE: crates\n\nearlier words",
    ),
    (
        "outlook",
        "From: Ben Ito <ben@x.example>\nSent: Tuesday, February 4, 2025 10:11 AM\nTo: Ada Moss <ada@kite.example>\nCc: Cy\nSubject: RE: crates\n\nearlier words",
    ),
    (
        "outlook wrapped recipients",
        "From: Ben Ito <ben@x.example>\nSent: Tuesday, February 4, 2025 10:11 AM\nTo: Ada Moss <ada@kite.example>; Cy Orr <cy@kite.example>;\n Di Fox <di@kite.example>\nSubject: RE: crates\n\nearlier words",
    ),
    (
        "outlook web",
        "________________________________\nFrom: Ben Ito <ben@x.example>\nSent: Tuesday, February 4, 2025 10:11 AM\nTo: Ada Moss\nSubject: RE: crates\n\nearlier words",
    ),
    (
        "outlook mac",
        "From: Ben Ito <ben@x.example>\nDate: Tuesday, 4 February 2025 at 10:11\nTo: Ada Moss <ada@kite.example>\nSubject: RE: crates\n\nearlier words",
    ),
    (
        "bold fields",
        "*From:* Ben Ito <ben@x.example>\n*Sent:* Tuesday, February 4, 2025 10:11 AM\n*To:* Ada Moss\n*Subject:* RE: crates\n\nearlier words",
    ),
    (
        "fields in a quotation",
        "> From: Ben Ito <ben@x.example>\n> Sent: Tuesday\n> Subject: crates\n>\n> earlier words",
    ),
    (
        "notes",
        "Ben Ito\n02/04/2025 10:11 AM\n\n        To: Ada Moss/Kite@Kite\n        cc: \n        Subject: Re: crates\n\nearlier words",
    ),
    (
        "notes with from",
        "From:\tBen Ito/X@X\nTo:\tAda Moss/Kite@Kite\nDate:\t02/04/2025 10:11 AM\nSubject:\tRe: crates\n\nearlier words",
    ),
    ("yahoo", "On Tuesday, February 4, 2025 at 10:11:00 AM EST, Ben Ito <ben@x.example> wrote: \n\n earlier words"),
    ("name and address", "Ben Ito <ben@x.example> wrote:\n> earlier words"),
    ("ios", "> On Feb 4, 2025, at 10:11 AM, Ben Ito <ben@x.example> wrote:\n> \n> earlier words"),
    (
        "samsung",
        "-------- Original message --------\nFrom: Ben Ito <ben@x.example> \nDate: 2/4/25 10:11 AM (GMT-05:00) \nTo: Ada Moss <ada@kite.example> \nSubject: crates \n\nearlier words",
    ),
    (
        "proton",
        "------- Original Message -------\nOn Tuesday, February 4th, 2025 at 10:11, Ben Ito <ben@x.example> wrote:\n\n> earlier words",
    ),
    ("zoho", "---- On Tue, 04 Feb 2025 10:11:00 +0000 Ben Ito <ben@x.example> wrote ----\n\nearlier words"),
    ("help desk", "##- Please type your reply above this line -##\n\nBen Ito (Help desk)\n\nearlier words"),
    ("another head", "2025-02-04 10:11 GMT+01:00 Ben Ito <ben@x.example>:\n\n> earlier words"),
    ("german gmail", "Am Di., 4. Feb. 2025 um 10:11 Uhr schrieb Ben Ito <ben@x.example>:\n\n> earlier words"),
    ("german thunderbird", "Am 04.02.2025 um 10:11 schrieb Ben Ito:\n> earlier words"),
    ("german phone", "Ben Ito <ben@x.example> schrieb am Di., 4. Feb. 2025, 10:11:\n\n> earlier words"),
    (
        "german outlook",
        "Von: Ben Ito <ben@x.example>\nGesendet: Dienstag, 4. Februar 2025 10:11\nAn: Ada Moss\nCc: Cy\nBetreff: AW: Kisten\n\nearlier words",
    ),
    (
        "german classic",
        "-----Ursprüngliche Nachricht-----\nVon: Ben Ito\nGesendet: Dienstag, 4. Februar 2025 10:11\nAn: Ada Moss\nBetreff: AW: Kisten\n\nearlier words",
    ),
    (
        "german web",
        "Gesendet: Dienstag, 04. Februar 2025 um 10:11 Uhr\nVon: \"Ben Ito\" <ben@x.example>\nAn: \"Ada Moss\" <ada@kite.example>\nBetreff: AW: Kisten\n\nearlier words",
    ),
    (
        "german original",
        "-----Original-Nachricht-----\nBetreff: AW: Kisten\nDatum: 2025-02-04T10:11:00+0100\nVon: \"Ben Ito\" <ben@x.example>\nAn: \"Ada Moss\"\n\nearlier words",
    ),
    (
        "german notes",
        "Von:        Ben Ito/X@X\nAn:        Ada Moss/Kite@Kite\nDatum:        04.02.2025 10:11\nBetreff:        AW: Kisten\n\nearlier words",
    ),
    ("french gmail", "Le mar. 4 févr. 2025 à 10:11, Ben Ito <ben@x.example> a écrit :\n\n> earlier words"),
    ("french thunderbird", "Le 04/02/2025 à 10:11, Ben Ito a écrit\u{a0}:\n> earlier words"),
    (
        "french outlook",
        "De : Ben Ito <ben@x.example>\nEnvoyé : mardi 4 février 2025 10:11\nÀ : Ada Moss\nObjet : RE: caisses\n\nearlier words",
    ),
    (
        "french outlook of canada",
        "De\u{a0}: Ben Ito\nEnvoyé\u{a0}: 4 février 2025 10:11\nÀ\u{a0}: Ada Moss\nCc\u{a0}: Cy\nObjet\u{a0}: RE : caisses\n\nearlier words",
    ),
    (
        "french classic",
        "-----Message d'origine-----\nDe : Ben Ito\nEnvoyé : mardi 4 février 2025 10:11\nÀ : Ada Moss\nObjet : RE: caisses\n\nearlier words",
    ),
    (
        "french mac",
        "De : Ben Ito <ben@x.example>\nDate : mardi 4 février 2025 à 10:11\nÀ : Ada Moss <ada@kite.example>\nObjet : Re: caisses\n\nearlier words",
    ),
    (
        "french phone",
        "-------- Message d’origine --------\nDe : Ben Ito <ben@x.example>\nDate : 04/02/2025 10:11 (GMT+01:00)\nÀ : Ada Moss\nObjet : Re: caisses\n\nearlier words",
    ),
    ("spanish gmail", "El mar, 4 feb 2025 a las 10:11, Ben Ito (<ben@x.example>) escribió:\n\n> earlier words"),
    ("spanish apple", "El 4 feb 2025, a las 10:11, Ben Ito <ben@x.example> escribió:\n\n> earlier words"),
    ("spanish thunderbird", "El 04/02/2025 a las 10:11, Ben Ito escribió:\n> earlier words"),
    (
        "spanish outlook",
        "De: Ben Ito <ben@x.example>\nEnviado el: martes, 4 de febrero de 2025 10:11\nPara: Ada Moss\nCC: Cy\nAsunto: RE: cajas\n\nearlier words",
    ),
    (
        "spanish web",
        "________________________________\nDe: Ben Ito <ben@x.example>\nEnviado: martes, 4 de febrero de 2025 10:11\nPara: Ada Moss\nAsunto: Re: cajas\n\nearlier words",
    ),
    (
        "spanish classic",
        "-----Mensaje original-----\nDe: Ben Ito\nEnviado el: martes, 4 de febrero de 2025 10:11\nPara: Ada Moss\nAsunto: RE: cajas\n\nearlier words",
    ),
    (
        "spanish yahoo",
        "En martes, 4 de febrero de 2025, 10:11:00 CET, Ben Ito <ben@x.example> escribió:\n\nearlier words",
    ),
    ("dutch", "Op di 4 feb 2025 om 10:11 schreef Ben Ito <ben@x.example>:\n\n> earlier words"),
    ("italian", "Il giorno mar 4 feb 2025 alle ore 10:11 Ben Ito <ben@x.example> ha scritto:\n\n> earlier words"),
    ("portuguese", "Em ter., 4 de fev. de 2025 às 10:11, Ben Ito <ben@x.example> escreveu:\n\n> earlier words"),
    ("japanese", "2025年2月4日(火) 10:11 Ben Ito <ben@x.example>:\n\n> earlier words"),
];

/// Signatures.
pub const SIGNATURES: &[(&str, &str)] = &[
    ("dashes", "-- \nAda Moss\nBuyer, Kite Works"),
    ("name block", "Ada Moss | Buyer\nKite Works Ltd\n(212) 555-0100"),
    ("name and title", "Ada Moss, CPSM\nSenior Buyer\nKite Works Ltd"),
    ("closing", "Kind regards,\n\nAda Moss\nKite Works"),
    ("thanks", "Thanks,\nAda"),
    ("thanks and name on a line", "Thanks, Ada"),
    ("german proxy", "Mit freundlichen Grüßen\n\ni. A. Ada Moss\nEinkauf\nKite Works GmbH\nTel.: +49 911 5550 22"),
    ("german proxy without closing", "i. V. Ada Moss\nEinkauf\n\nKite Works GmbH"),
    ("german short", "VG\nAda"),
    ("german north", "Beste Grüße aus Kiel\nAda Moss"),
    ("french", "Bien cordialement,\n\nAda MOSS\nResponsable achats\nKite Works SARL"),
    ("french formal", "Je vous prie d'agréer, Madame, Monsieur, mes salutations distinguées.\n\nAda Moss"),
    ("spanish", "Saludos cordiales,\n\nAda Moss\nCompras\nKite Works S.A. de C.V."),
    ("spanish formal", "Reciba un cordial saludo,\nAda Moss"),
    ("initial", "A. Moss / Outbound & Claims / Kite Works"),
    ("first name and firm", "Ada, Kite Works"),
    (
        "advertisement",
        "Ada Moss\nKite Works\n\nPrices good while supply lasts. Ask me about financing!\nVisit us at booth 12 | www.kite.example",
    ),
];

/// Lines that devices and apps add.
pub const FOOTERS: &[(&str, &str)] = &[
    ("iphone", "Sent from my iPhone"),
    ("android", "Get Outlook for Android<https://aka.ms/x>"),
    ("windows", "Sent from Mail for Windows"),
    ("samsung", "Sent from my Galaxy"),
    ("yahoo app", "Sent from Yahoo Mail on Android"),
    ("german iphone", "Von meinem iPhone gesendet"),
    ("german app", "Gesendet mit der GMX Mail App"),
    ("german outlook", "Outlook für iOS beziehen"),
    ("french iphone", "Envoyé de mon iPhone"),
    ("french app", "Envoyé depuis l'application Mail Orange"),
    ("french outlook", "Télécharger Outlook pour iOS"),
    ("spanish iphone", "Enviado desde mi iPhone"),
    ("spanish outlook", "Obtener Outlook para Android"),
    ("spanish app", "Enviado desde Outlook para iOS"),
];

/// Disclaimers.
pub const DISCLAIMERS: &[(&str, &str)] = &[
    ("english", "This e-mail and any attachments are confidential and intended solely for the addressee."),
    ("english notice", "CONFIDENTIALITY NOTICE: The contents of this email are privileged."),
    ("english recipient", "If you are not the intended recipient, please delete this message."),
    ("english transmission", "The information transmitted is intended only for the person to which it is addressed."),
    ("english scan", "This message has been scanned for viruses."),
    ("english paper", "Please consider the environment before printing this e-mail."),
    ("english company", "Registered in England No. 1234567. Registered office: 1 High St."),
    ("german", "Diese E-Mail enthält vertrauliche Informationen."),
    ("german attachment", "Diese E-Mail und ihre Anhänge sind vertraulich."),
    ("german company", "Sitz der Gesellschaft: Nürnberg, Amtsgericht Nürnberg HRB 99812\nGeschäftsführer: Max Muster"),
    ("german paper", "Bitte denken Sie an die Umwelt, bevor Sie diese E-Mail drucken."),
    ("german notice", "Vertraulichkeitshinweis: Diese Nachricht ist nur für den Adressaten bestimmt."),
    ("french", "Ce message et toutes les pièces jointes sont confidentiels."),
    ("french mail", "Ce courriel est destiné exclusivement à son destinataire."),
    ("french notice", "AVIS DE CONFIDENTIALITÉ : ce courriel est privé."),
    ("french paper", "Pensez à l'environnement avant d'imprimer ce message."),
    ("french recipient", "Si vous n'êtes pas le destinataire, merci de détruire ce message."),
    ("spanish", "Este mensaje y sus archivos adjuntos son confidenciales."),
    ("spanish mail", "Este correo electrónico contiene información confidencial."),
    ("spanish notice", "AVISO LEGAL: este mensaje va dirigido a su destinatario."),
    (
        "spanish law",
        "En cumplimiento de la normativa de protección de datos, le informamos que sus datos son tratados por Kite.",
    ),
    ("spanish paper", "Antes de imprimir este mensaje, piense en el medio ambiente."),
];

/// Whole HTML bodies.
pub const PAGES: &[(&str, &str)] = &[
    (
        "gmail",
        "<div dir=\"ltr\">Six crates by Monday, please.<br>The blue ones.</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">On Tue, Feb 4, 2025 at 10:11 AM Ben Ito &lt;<a href=\"mailto:ben@x.example\">ben@x.example</a>&gt; wrote:<br></div><blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex\"><div>earlier words</div></blockquote></div>",
    ),
    (
        "gmail in another language",
        "<div dir=\"ltr\">Six crates by Monday, please.<br>The blue ones.</div><div class=\"gmail_quote\"><div class=\"gmail_attr\">wt., 4 lut 2025 o 10:11 Ben Ito &lt;ben@x.example&gt; napisał(a):<br></div><blockquote class=\"gmail_quote\" style=\"border-left:1px solid\">earlier words</blockquote></div>",
    ),
    (
        "outlook",
        "<div class=\"WordSection1\"><p class=\"MsoNormal\">Six crates by Monday, please.<br>The blue ones.<o:p></o:p></p><p class=\"MsoNormal\"><o:p>&nbsp;</o:p></p><div><div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in\"><p class=\"MsoNormal\"><b>From:</b> Ben Ito &lt;ben@x.example&gt;<br><b>Sent:</b> Tuesday, February 4, 2025 10:11 AM<br><b>To:</b> Ada Moss<br><b>Subject:</b> RE: crates<o:p></o:p></p></div></div><p class=\"MsoNormal\">earlier words</p></div>",
    ),
    (
        "outlook german",
        "<p class=MsoNormal>Six crates by Monday, please.<br>The blue ones.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>Von:</b> Ben Ito<br><b>Gesendet:</b> Dienstag, 4. Februar 2025<br><b>An:</b> Ada Moss<br><b>Betreff:</b> AW: Kisten</p></div><p class=MsoNormal>earlier words</p>",
    ),
    (
        "outlook web",
        "<div>Six crates by Monday, please.<br>The blue ones.</div><div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\" tabindex=\"-1\"><div id=\"divRplyFwdMsg\" dir=\"ltr\"><font face=\"Calibri\" color=\"#000000\"><b>From:</b> Ben Ito &lt;ben@x.example&gt;<br><b>Sent:</b> Tuesday<br><b>To:</b> Ada<br><b>Subject:</b> crates</font><div>&nbsp;</div></div><div>earlier words</div>",
    ),
    (
        "outlook express",
        "<DIV>Six crates by Monday, please.<BR>The blue ones.</DIV><BLOCKQUOTE style=\"BORDER-LEFT: #000000 2px solid\"><DIV>----- Original Message ----- </DIV><DIV><B>From:</B> Ben Ito</DIV><DIV>earlier words</DIV></BLOCKQUOTE>",
    ),
    (
        "outlook message header",
        "<p>Six crates by Monday, please.<br>The blue ones.</p><div class=\"OutlookMessageHeader\" lang=\"en-us\"><hr><b>From:</b> Ben Ito<br><b>Sent:</b> Tuesday<br><b>To:</b> Ada<br><b>Subject:</b> crates<br></div><p>earlier words</p>",
    ),
    (
        "apple",
        "<html><body>Six crates by Monday, please.<div>The blue ones.<br><div><br><blockquote type=\"cite\"><div>On Feb 4, 2025, at 10:11 AM, Ben Ito &lt;ben@x.example&gt; wrote:</div><br><div>earlier words</div></blockquote></div></div></body></html>",
    ),
    (
        "thunderbird",
        "<p>Six crates by Monday, please.<br>The blue ones.</p><div class=\"moz-cite-prefix\">Am 04.02.2025 um 10:11 schrieb Ben Ito:<br></div><blockquote type=\"cite\" cite=\"mid:x\"><p>earlier words</p></blockquote>",
    ),
    (
        "yahoo",
        "<div class=\"yahoo-style-wrap\"><div>Six crates by Monday, please.</div><div>The blue ones.</div></div><div id=\"yahoo_quoted_1\" class=\"yahoo_quoted\"><div><div>On Tuesday, February 4, 2025 at 10:11:00 AM EST, Ben Ito &lt;ben@x.example&gt; wrote: </div><div><br></div><div>earlier words</div></div></div>",
    ),
    (
        "quotation marked by class alone",
        "<div>Six crates by Monday, please.<br>The blue ones.</div><div class=\"yahoo_quoted\"><div>w dniu 4.02.2025 Ben Ito napisa\u{142}</div><div>earlier words</div></div>",
    ),
    (
        "proton",
        "<div>Six crates by Monday, please.<br>The blue ones.</div><div class=\"protonmail_quote\">On Tuesday, February 4th, 2025 at 10:11, Ben Ito &lt;ben@x.example&gt; wrote:<br><blockquote class=\"protonmail_quote\" type=\"cite\">earlier words</blockquote></div>",
    ),
    (
        "gmx",
        "<div>Six crates by Monday, please.</div><div>The blue ones.</div><div name=\"quote\" style=\"border-left: 2px solid #C3D9E5;\"><b>Gesendet:</b> Dienstag, 4. Februar 2025 um 10:11 Uhr<br><b>Von:</b> Ben Ito &lt;ben@x.example&gt;<br><b>An:</b> Ada<br><b>Betreff:</b> Kisten<div>earlier words</div></div>",
    ),
    (
        "samsung",
        "<div dir=\"auto\">Six crates by Monday, please.<br>The blue ones.</div><div><br></div><div style=\"font-size:100%;color:#000000\"><!-- originalMessage --><div>-------- Original message --------</div><div>From: Ben Ito &lt;ben@x.example&gt; </div><div>Date: 2/4/25 </div><div>To: Ada </div><div>Subject: crates </div><div>earlier words</div></div>",
    ),
];
