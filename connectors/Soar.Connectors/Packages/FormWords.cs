namespace Soar.Connectors.Packages;

/// <summary>The labels of the forms. English is the key; a language lacks none of them (a test compares).</summary>
internal static class FormWords
{
    public static IReadOnlyList<string> Languages { get; } = ["en", "mk"];

    public static string In(string language, string english) => language == "mk" ? Macedonian[english] : english;

    internal static IReadOnlyDictionary<string, string> Macedonian { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Request for expedited preservation of stored computer data"] = "Барање за итно зачувување на складирани компјутерски податоци",
        ["Request to the national central bureau of Interpol"] = "Барање до Националното централно биро на Интерпол",
        ["Message for SIENA"] = "Порака за СИЕНА",
        ["Request"] = "Барање", ["Reference"] = "Референца", ["Made (UTC)"] = "Изготвено (UTC)", ["Made by"] = "Изготвил", ["Legal basis"] = "Правна основа", ["Extension of"] = "Продолжување на",
        ["first request"] = "прво барање", ["To be kept for"] = "Да се чува", ["days"] = "дена", ["Questions at any hour"] = "Прашања во секое време",
        ["Authority seeking the preservation"] = "Орган што бара зачувување", ["Offence"] = "Кривично дело", ["Summary of the facts"] = "Краток опис на фактите",
        ["Data to be preserved"] = "Податоци што треба да се зачуваат", ["Relationship to the offence"] = "Врска со делото", ["Custodian or location"] = "Чувар на податоците или локација",
        ["Necessity"] = "Потреба од зачувување", ["Intent to request assistance"] = "Намера за барање помош", ["Items of Article 29(2)"] = "Елементи според член 29(2)",
        ["What identifies the data"] = "Што ги одредува податоците", ["Connection"] = "Врска", ["Account"] = "Сметка", ["from"] = "од", ["until"] = "до", ["port"] = "порта", ["with"] = "со",
        ["Budapest Convention, Article 16"] = "Будимпештанска конвенција, член 16", ["Budapest Convention, Article 29"] = "Будимпештанска конвенција, член 29",
        ["Budapest Convention, Articles 29 and 30 (disclosure of traffic data)"] = "Будимпештанска конвенција, членови 29 и 30 (откривање податоци за сообраќајот)",
        ["Bureau"] = "Биро", ["Recipients"] = "Приматели", ["Requester"] = "Барател", ["Urgency"] = "Итност", ["Routine"] = "Редовно", ["Urgent"] = "Итно", ["Immediate"] = "Веднаш",
        ["Answer needed by (UTC)"] = "Одговор потребен до (UTC)", ["What is asked"] = "Што се бара", ["Subjects"] = "Предмети", ["Conditions of use"] = "Услови за користење", ["Facts"] = "Факти",
        ["Attachments"] = "Прилози", ["none"] = "нема", ["bytes"] = "бајти",
        ["Handling and evaluation"] = "Постапување и оценка", ["Handling code"] = "Код за постапување", ["Restrictions"] = "Ограничувања", ["Source"] = "Извор", ["Information"] = "Информација",
        ["Message"] = "Порака", ["Title"] = "Наслов", ["Area of crime"] = "Област на криминал", ["Purpose"] = "Цел", ["Content"] = "Содржина", ["Sending unit"] = "Единица што испраќа",
    };
}
