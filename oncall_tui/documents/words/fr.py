"""The technical document in French."""

from oncall_tui.documents.words import Words

WORDS = Words(
    title="Document technique",
    issue="N° {number}, {date}",
    dated_as="{day} {month} {year}",
    first="1er",
    months=(
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
    days=("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."),
    plan="Support {plan}",
    response="première réponse en {length} d’ouverture au plus",
    reference="client {customer}",
    code="Code VIP",
    code_help="Donnez-le lorsqu’il vous est demandé\u00a0: il montre que vous parlez au nom de votre "
    "organisation.",
    line="Ligne d’urgence, 24 heures sur 24, 7 jours sur 7",
    line_help="En français ou en anglais, pour une panne de notre infrastructure qui exige notre "
    "intervention.",
    phone="Support par téléphone",
    scan="Scanner pour appeler",
    down="Lorsque rien ne va plus",
    internet="Votre accès à Internet",
    internet_help="Appelez le {phone} depuis un téléphone mobile ou n’importe quelle autre ligne.",
    mail="Votre messagerie",
    mail_help="Appelez le {phone}, ou écrivez à {email} depuis une adresse chez un autre fournisseur.",
    mail_help_without="Appelez le {phone}.",
    site="Notre site",
    site_help="Vous n’en avez pas besoin pour nous joindre\u00a0: appelez le {phone}.",
    status_help="Les perturbations connues sont annoncées sur {status}.",
    closed="En dehors des heures du téléphone, écrivez à {email}.",
    say="Ce que nous demandons",
    say_help="Votre organisation et votre code VIP\u00a0; quel service, depuis quand, et ce que vous "
    "constatez.",
    say_help_line="Votre organisation et votre code VIP\u00a0; français ou anglais\u00a0; quel service, "
    "depuis quand, "
    "et ce que vous constatez.",
    reach="Comment nous joindre",
    by_phone="Téléphone",
    by_mail="E-mail, formulaires, chat",
    by_line="Ligne d’urgence",
    web="Site",
    status="Perturbations",
    every_day="tous les jours",
    always="24 h sur 24, 7 j sur 7",
    not_on_holidays=", sauf jours fériés",
    clock="heure de {place}",
    managers="Vos gestionnaires de compte",
    technical="technique",
    on_duty="Présents {hours}",
    no_manager="Personne n’est encore désigné. Demandez à notre support.",
    services="Vos services",
    no_service="Aucun n’est enregistré pour l’instant.",
    more="et {count} de plus",
    keep="Gardez cette page imprimée près de vos installations.",
    speaks="Qui possède le code parle en votre nom\u00a0: conservez-le là où seules des personnes de "
    "confiance "
    "peuvent le lire.",
    void="Lorsque le code change, cette page n’est plus valable et une nouvelle est établie.",
)
