using System.Globalization;
using Soar.Capabilities;

namespace Soar.Cases;

/// <summary>
/// <c>Contacts.Find</c>: the directory is the versioned list <c>contacts</c>. A row that cannot be used fails the lookup by its number: a directory that silently lacks somebody is worse than
/// one that says what is wrong with it.
/// </summary>
public sealed class Contacts(IListStore store) : IContacts
{
    public const string ListName = "contacts";

    /// <summary>What the list's first line must name; <see cref="Optional"/> ones may stand there too, and more do no harm.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["kind", "country", "organisation", "domains", "mail", "phone", "hours", "languages", "key", "source", "checked"];

    /// <summary>What RFC 2350 tells of a CERT besides: whom it is there for (3.2), and the time zone of its hours (2.4).</summary>
    public static IReadOnlyList<string> Optional { get; } = ["constituency", "timezone"];

    private static readonly Dictionary<string, ContactKind> Kinds = new(StringComparer.Ordinal)
    {
        ["24/7"] = ContactKind.Point247, ["cert"] = ContactKind.Cert, ["provider"] = ContactKind.LawEnforcementDesk, ["ncb"] = ContactKind.NationalBureau,
    };

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Contact>> FindAsync(string of, ContactKind kind, ActionContext context, CancellationToken cancellation)
    {
        var wanted = (of ?? "").Trim();
        if (wanted.Length == 0) throw ConnectorFailure.Permanent("Contacts.Find: 'of' is empty. Give a country (MK), a provider's domain or an organisation's name.", reason: "of");
        if (!Enum.IsDefined(kind)) throw ConnectorFailure.Permanent("Contacts.Find: kind must be Point247, Cert, LawEnforcementDesk or NationalBureau.", reason: "kind");
        var table = await store.ReadAsync(ListName, version: null)
            ?? throw ConnectorFailure.Permanent($"There is no list '{ListName}' yet. Import it: soar lists import {ListName} <file.csv> (an example is playbooks/lists/contacts.csv).", reason: "no-list");
        return [.. Read(table).Where(contact => contact.Kind == kind && Fits(contact, wanted))];
    }

    /// <summary>The whole directory; throws with every row that cannot be used.</summary>
    internal static IReadOnlyList<Contact> Read(ListTable table)
    {
        var missing = Columns.Except(table.Columns, StringComparer.Ordinal).ToList();
        if (missing.Count > 0) throw ConnectorFailure.Permanent($"The list '{table.Name}' (version {table.Version}) lacks the columns {string.Join(", ", missing)}.", reason: "list");
        var told = Optional.Intersect(table.Columns, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        var (contacts, problems) = (new List<Contact>(), new List<string>());
        for (var i = 0; i < table.Rows.Count; i++)
        {
            var row = table.Rows[i];
            var wrong = new List<string>();
            if (!Kinds.TryGetValue(row["kind"].Trim(), out var kind)) wrong.Add($"kind '{row["kind"]}' is none of {string.Join(", ", Kinds.Keys)}");
            var country = row["country"].Trim();
            if (country.Length != 2 || !country.All(char.IsAsciiLetterUpper)) wrong.Add($"country '{country}' is not two capital letters");
            if (row["organisation"].Trim().Length == 0) wrong.Add("organisation is empty");
            if (!EmailAddress.TryParse(row["mail"].Trim(), null, out var mail)) wrong.Add($"mail '{row["mail"]}' is no address");
            if (!DateOnly.TryParseExact(row["checked"].Trim(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)) wrong.Add($"checked '{row["checked"]}' is no date (YYYY-MM-DD)");
            var domains = new List<string>();
            foreach (var word in row["domains"].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                if (DomainName.TryParse(word, null, out var domain)) domains.Add(domain.ToString());
                else wrong.Add($"'{word}' is no domain");
            if (kind == ContactKind.LawEnforcementDesk && domains.Count == 0) wrong.Add("a provider needs its domains");
            if (wrong.Count > 0) problems.Add($"row {i + 1}: {string.Join(", ", wrong)}");
            else contacts.Add(new Contact(kind, country, row["organisation"].Trim(), domains, mail!, row["phone"].Trim(), row["hours"].Trim(), row["languages"].Trim(), row["key"].Trim(), row["source"].Trim(), row["checked"].Trim())
            {
                Constituency = Told("constituency"), TimeZone = Told("timezone"),
            });

            string? Told(string column) => told.Contains(column) && row[column].Trim() is { Length: > 0 } text ? text : null;
        }

        return problems.Count == 0 ? contacts : throw ConnectorFailure.Permanent($"The list '{table.Name}' (version {table.Version}) cannot be used: {string.Join("; ", problems)}. Correct it and import it again.", reason: "list");
    }

    private static bool Fits(Contact contact, string wanted)
    {
        if (string.Equals(contact.Country, wanted, StringComparison.Ordinal) || string.Equals(contact.Organisation, wanted, StringComparison.OrdinalIgnoreCase)) return true;
        var name = wanted[(wanted.LastIndexOf('@') + 1)..];
        if (!DomainName.TryParse(name, null, out var domain)) return false;
        var asked = domain.ToString();
        return contact.Domains.Any(own => asked == own || asked.EndsWith($".{own}", StringComparison.Ordinal));
    }
}
