"""Lines of people's ordinary speech, of no text that anything was trained on or fitted to."""

LINES = {
    "en": (
        "I left the keys on the kitchen table, next to the blue cup.",
        "Nobody told me that the meeting was moved to Thursday.",
        "Please close the window before the rain comes in.",
        "We could walk to the river and have lunch on the bridge.",
        "My brother bought a small boat, and now he wants a bigger one.",
        "It's only a map, but people have died for less.",
    ),
    "es": (
        "No te preocupes, mañana hablamos con más calma.",
        "He dejado el coche delante de la casa de mi hermana.",
        "¿Quieres que te traiga algo de la tienda?",
        "Cuando llegamos, ya no quedaba nadie en la calle.",
        "Mi padre siempre dice que el trabajo puede esperar.",
        "La verdad es que no sé qué decirte.",
    ),
    "pt": (
        "Não se preocupe, amanhã a gente conversa com calma.",
        "Deixei o carro na frente da casa da minha irmã.",
        "Você quer que eu traga alguma coisa da loja?",
        "Quando chegamos, não havia mais ninguém na rua.",
        "Meu pai sempre diz que o trabalho pode esperar.",
        "A verdade é que eu não sei o que dizer.",
    ),
    "fr": (
        "Ne t'inquiète pas, nous en parlerons demain.",
        "J'ai laissé la voiture devant la maison de ma sœur.",
        "Tu veux que je te rapporte quelque chose du magasin ?",
        "Quand nous sommes arrivés, la rue était déjà vide.",
        "Mon père dit toujours que le travail peut attendre.",
        "Je ne sais vraiment pas quoi te dire.",
    ),
    "it": (
        "Non ti preoccupare, domani ne parliamo con calma.",
        "Ho lasciato la macchina davanti alla casa di mia sorella.",
        "Vuoi che ti porti qualcosa dal negozio?",
        "Quando siamo arrivati, la strada era già vuota.",
        "Mio padre dice sempre che il lavoro può aspettare.",
        "La verità è che non so cosa dirti.",
    ),
}
