using Soar.Cases;
using Soar.Storage;

namespace Soar.Server.Node;

/// <summary>Reads the store: beside its owner, or in it.</summary>
internal sealed class NodeReader(SoarDatabase database) : IDisposable
{
    private ReviewStore? reviews;

    public RunStore Runs { get; } = new(database);
    public ListStore Lists { get; } = new(database);
    public RequestStore Requests { get; } = new(database);
    public CaseStore Cases { get; } = new(database, new Ids(TimeProvider.System));
    public AlertStore Alerts { get; } = new(database, new Ids(TimeProvider.System));
    public AuditStore Audit { get; } = new(database);
    public ScheduleStore Schedules { get; } = new(database);
    public DashboardStore Dashboard { get; } = new(database);
    public RetentionStore Retention { get; } = new(database);
    public AccountStore Accounts { get; } = new(database);
    public CredentialStore Credentials { get; } = new(database);
    public LoginStore Logins { get; } = new(database);
    public NoticeStore Notices { get; } = new(database);
    public DraftStore Drafts { get; } = new(database);
    public VersionStore Versions { get; } = new(database);
    public ReviewStore Reviews => reviews ??= new ReviewStore(database, Versions);

    /// <summary>The case that is meant, by its number or id.</summary>
    public async Task<CaseFile> CaseAsync(string idOrNumber) => await Cases.FindAsync(idOrNumber) ?? throw NoCase(idOrNumber);

    public static NotFoundException NoCase(string idOrNumber) => new("case", idOrNumber, "'soar cases' lists them with their numbers.");

    public void Dispose() => database.DisposeAsync().AsTask().GetAwaiter().GetResult(); // a reader only closes files
}
