namespace Poc.Campaigns.Bench;

/// <summary>Invented wording in three languages. Lists and patterns are parallel: the same places in each mean the same, so that a letter can be "translated". Everything is synthetic.</summary>
internal static class SyntheticWords
{
    internal static readonly string[] Languages = ["en", "ru", "es"];

    internal static readonly string[][] Nouns =
    [
        "prisoner court letter decision family lawyer statement video speech campaign government newspaper election protest sentence hospital journalist minister evidence witness report party village school hearing interview petition border colony doctor organisation member meeting archive record opinion article friend neighbour teacher".Split(' '),
        "заключённый суд письмо решение семья адвокат заявление видео речь кампания правительство газета выборы протест приговор больница журналист министр доказательство свидетель отчёт партия деревня школа слушание интервью петиция граница колония врач организация член встреча архив запись мнение статья друг сосед учитель".Split(' '),
        "preso tribunal carta decisión familia abogado declaración vídeo discurso campaña gobierno periódico elección protesta sentencia hospital periodista ministro prueba testigo informe partido pueblo escuela audiencia entrevista petición frontera colonia médico organización miembro reunión archivo registro opinión artículo amigo vecino maestro".Split(' '),
    ];

    internal static readonly string[][] Verbs =
    [
        "supports reviews rejects explains publishes forgets remembers hides defends condemns asks answers changes repeats confirms doubts reads watches believes follows questions examines quotes describes needs respects regrets mentions accepts considers".Split(' '),
        "поддерживает пересматривает отвергает объясняет публикует забывает помнит скрывает защищает осуждает спрашивает отвечает меняет повторяет подтверждает сомневается читает смотрит верит следит расспрашивает изучает цитирует описывает нуждается уважает сожалеет упоминает принимает рассматривает".Split(' '),
        "apoya revisa rechaza explica publica olvida recuerda esconde defiende condena pregunta responde cambia repite confirma duda lee mira cree sigue cuestiona examina cita describe necesita respeta lamenta menciona acepta considera".Split(' '),
    ];

    internal static readonly string[][] Adjectives =
    [
        "old public honest violent recent serious local peaceful strange famous quiet dangerous clear unjust careful political simple heavy early foreign".Split(' '),
        "старый публичный честный жестокий недавний серьёзный местный мирный странный известный тихий опасный ясный несправедливый осторожный политический простой тяжёлый ранний иностранный".Split(' '),
        "viejo público honesto violento reciente serio local pacífico extraño famoso callado peligroso claro injusto cuidadoso político sencillo pesado temprano extranjero".Split(' '),
    ];

    internal static readonly string[][] Adverbs =
    [
        "again|for many years|without any doubt|in our town|this winter|at last|in silence|every week|on television|after the trial|before the vote|with great care|in good faith|since the arrest|almost daily|by mistake".Split('|'),
        "снова|уже много лет|без всякого сомнения|в нашем городе|этой зимой|наконец|молча|каждую неделю|по телевидению|после суда|перед голосованием|очень внимательно|с добрыми намерениями|со дня ареста|почти ежедневно|по ошибке".Split('|'),
        "otra vez|desde hace muchos años|sin ninguna duda|en nuestra ciudad|este invierno|por fin|en silencio|cada semana|en la televisión|después del juicio|antes de la votación|con mucho cuidado|de buena fe|desde la detención|casi a diario|por error".Split('|'),
    ];

    // {n} noun, {v} verb, {a} adjective, {d} adverb: filled in their order, so that the fillings of one seed correspond across languages.
    internal static readonly string[][] Patterns =
    [
        [
            "the {a} {n} {v} the {n} {d}", "I think that the {n} {v} this {n}", "{d} our {n} {v} a {a} {n}", "please remember that every {n} {v} the {n}", "my {n} and my {n} know why the {a} {n} {v} it",
            "nobody in the {n} {v} such a {n} {d}", "when the {n} {v} the {n}, the {a} {n} stays away", "we ask your {n} to look at the {a} {n}", "it is {a} that a {n} {v} {d}", "there is no {n} which {v} the {a} {n}",
            "what the {n} calls {a} is a {n} for us", "for this {n} we have waited {d}", "as a {n} I {v} nothing but the {n}", "the {n} of the {n} is {a} and {a}",
        ],
        [
            "{a} {n} {v} {n} {d}", "я думаю, что {n} {v} это {n}", "{d} наш {n} {v} {a} {n}", "помните, пожалуйста, что каждый {n} {v} {n}", "мой {n} и мой {n} знают, почему {a} {n} {v} его",
            "никто в {n} не {v} такой {n} {d}", "когда {n} {v} {n}, {a} {n} остаётся в стороне", "мы просим ваш {n} взглянуть на {a} {n}", "это {a}, что {n} {v} {d}", "нет такого {n}, который {v} {a} {n}",
            "то, что {n} называет {a}, для нас {n}", "этого {n} мы ждали {d}", "как {n} я {v} только {n}", "{n} для {n} есть {a} и {a}",
        ],
        [
            "el {a} {n} {v} el {n} {d}", "creo que el {n} {v} este {n}", "{d} nuestro {n} {v} un {a} {n}", "recuerden por favor que cada {n} {v} el {n}", "mi {n} y mi {n} saben por qué el {a} {n} lo {v}",
            "nadie en el {n} {v} tal {n} {d}", "cuando el {n} {v} el {n}, el {a} {n} se queda lejos", "pedimos a su {n} que mire el {a} {n}", "es {a} que un {n} {v} {d}", "no hay {n} que {v} el {a} {n}",
            "lo que el {n} llama {a} es un {n} para nosotros", "este {n} lo hemos esperado {d}", "como {n} no {v} más que el {n}", "el {n} del {n} es {a} y {a}",
        ],
    ];

    internal static readonly string[][] Greetings =
    [
        ["Dear {0},", "Hello {0},", "To {0}:", "Good morning {0},", ""],
        ["Уважаемый {0},", "Здравствуйте, {0}!", "Кому: {0}.", "Доброе утро, {0},", ""],
        ["Estimado {0}:", "Hola {0},", "A la atención de {0}:", "Buenos días {0},", ""],
    ];

    internal static readonly string[][] Closings =
    [
        ["Yours sincerely, {0}", "Thank you. {0}", "With respect, {0}", "{0}", ""],
        ["С уважением, {0}", "Спасибо. {0}", "Искренне ваш {0}", "{0}", ""],
        ["Atentamente, {0}", "Gracias. {0}", "Con respeto, {0}", "{0}", ""],
    ];

    internal static readonly string[][] Introductions =
    [
        ["I am {0} from {1} and I am {2} years old.", "My name is {0}, I live in {1}, and I have supported you since {2}."],
        ["Меня зовут {0}, я из {1}, мне {2} лет.", "Я {0}, живу в городе {1} и поддерживаю вас с {2} года."],
        ["Soy {0} de {1} y tengo {2} años.", "Me llamo {0}, vivo en {1} y les apoyo desde {2}."],
    ];

    internal static readonly string[][] FirstNames =
    [
        "Anna Peter Maria John Lucy Mark Helen Paul Nora Simon Grace Oliver Ruth Adam Clara Hugo".Split(' '),
        "Анна Пётр Мария Иван Люция Марк Елена Павел Нора Семён Галина Олег Рута Адам Клара Юрий".Split(' '),
        "Ana Pedro María Juan Lucía Marcos Elena Pablo Nora Simón Gracia Óliver Rut Adán Clara Hugo".Split(' '),
    ];

    internal static readonly string[][] Surnames =
    [
        "Miller Baker Wood Hill Turner Cook Fisher Stone Walker Young Marsh Field Brook Carter Lane Reed".Split(' '),
        "Мельников Пекарев Лесов Холмов Токарев Поваров Рыбаков Каменев Ходоков Молодов Болотов Полев Ручьёв Возчиков Тропин Камышов".Split(' '),
        "Molinero Panadero Bosque Colina Tornero Cocinero Pescador Piedra Caminante Joven Pantano Campo Arroyo Carretero Senda Junco".Split(' '),
    ];

    internal static readonly string[][] Cities =
    [
        "Ashford Brindale Corwick Dunmere Eastholm Farleigh Gransby Holloway".Split(' '),
        "Ясногорск Бережки Коровино Дунаево Остров Фарлеево Грансбург Холмск".Split(' '),
        "Fresneda Brindal Corvera Dunares Estella Farela Granza Holgado".Split(' '),
    ];
}
