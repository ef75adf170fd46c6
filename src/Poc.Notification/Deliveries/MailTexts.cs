using Poc.Contracts.Notification.V1;

namespace Poc.Notification.Deliveries;

/// <summary>
/// The words of a mail: class, reference and link, and nothing of what it is about, in every language. Compiled in, so that no text made at run time and no
/// placeholder can get into a mail.
/// </summary>
internal static class MailTexts
{
    private static readonly Dictionary<string, Words> ByLanguage = new(StringComparer.Ordinal)
    {
        ["de"] = new(
            "Aufgabe", "Dringend", "Mitteilung", "Sammlung",
            "eine Nachricht wartet auf Sie", "Bitte öffnen Sie die Nachricht und bestätigen Sie den Empfang:", "Kennung"),
        ["en"] = new(
            "Duty", "Urgent", "Notice", "Digest",
            "a message is waiting for you", "Please open the message and confirm that you have received it:", "Reference"),
        ["es"] = new(
            "Tarea", "Urgente", "Aviso", "Resumen",
            "le espera un mensaje", "Abra el mensaje y confirme que lo ha recibido:", "Referencia"),
        ["fr"] = new(
            "Obligation", "Urgent", "Avis", "Résumé",
            "un message vous attend", "Veuillez ouvrir le message et en confirmer la réception :", "Référence"),
        ["ru"] = new(
            "Обязательно", "Срочно", "Уведомление", "Сводка",
            "вас ждёт сообщение", "Откройте сообщение и подтвердите его получение:", "Код"),
        ["uk"] = new(
            "Обов’язково", "Терміново", "Повідомлення", "Зведення",
            "на вас чекає повідомлення", "Відкрийте повідомлення і підтвердьте його отримання:", "Код"),
    };

    private static readonly string[] Available = [.. ByLanguage.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The languages there are; others are told in English.</summary>
    public static IReadOnlyList<string> AvailableLanguages => Available;

    /// <summary>Language, subject and body for a reader of <paramref name="language"/>.</summary>
    public static (string Language, string Subject, string Body) Write(NotificationClass @class, string language, string link, string reference)
    {
        var chosen = Languages.Choose(language, Available);
        var words = ByLanguage[chosen];
        var label = @class switch
        {
            NotificationClass.Duty => words.Duty,
            NotificationClass.Urgent => words.Urgent,
            NotificationClass.Normal => words.Normal,
            NotificationClass.Digest => words.Digest,
            _ => throw new ArgumentOutOfRangeException(nameof(@class)),
        };
        return (chosen, $"{label}: {words.Waiting}", $"{label}: {words.Waiting}.\n\n{words.Open}\n{link}\n\n{words.Reference}: {reference}\n");
    }

    private sealed record Words(string Duty, string Urgent, string Normal, string Digest, string Waiting, string Open, string Reference);
}
