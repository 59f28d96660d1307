namespace Soar.Lab.Tests.Range;

/// <summary>A real slapd with the ppolicy overlay, LDAPS only, on a loopback port. Soar's service account may write the three attributes that it needs and no more.</summary>
public sealed class OpenLdap : LabServer
{
    public const string Base = "dc=cert,dc=example";
    public const string Soar = "cn=soar,dc=cert,dc=example";
    public const string Policy = "cn=default,ou=policies,dc=cert,dc=example";

    private static readonly string[] Programs = ["slapd", "ldapwhoami", "ldapmodify", "ldapadd", "ldapsearch", "openssl"];

    public OpenLdap() : base("slapd")
    {
        if (Tools.Has(Programs))
            Stand(Start);
    }

    public string CaFile => In("cert.pem");
    public int Port { get; } = LoopbackPort.Take();

    public static void Require() => Tools.Require(Programs);

    /// <summary>The settings of a connector instance that works with it; the password lies in the folder.</summary>
    public string Instance(TempFolder folder)
    {
        folder.File("ldap-password", "soar-secret");
        return $$"""{ type: ldap, host: 127.0.0.1, port: {{Port}}, caFile: {{CaFile}}, user: "{{Soar}}", password: "file:ldap-password", base: "{{Base}}", defaultPolicy: "{{Policy}}", pageSize: 20, never: [root] }""";
    }

    /// <summary>Does this login work? Asked by a program that is not ours; with the server's words.</summary>
    public (bool Works, string Words) Login(string dn, string password)
    {
        var result = Client("ldapwhoami", null, "-e", "ppolicy", "-D", dn, "-w", password);
        return (result.ExitCode == 0, result.Output + result.Errors);
    }

    /// <summary>Changes as the directory's administrator makes them.</summary>
    public void Modify(string ldif)
    {
        var result = Client("ldapmodify", ldif + "\n", "-c", "-D", $"cn=admin,{Base}", "-w", "secret");
        if (result.ExitCode != 0)
            throw new InvalidOperationException(result.Errors);
    }

    /// <summary>The entry as it stands, operational attributes too.</summary>
    public string Show(string dn) => Client("ldapsearch", null, "-D", $"cn=admin,{Base}", "-w", "secret", "-LLL", "-o", "ldif-wrap=no", "-s", "base", "-b", dn, "*", "+").Output;

    internal Tools.Result Client(string program, string? input, params string[] arguments) =>
        Tools.RunWith(input, "env", [$"LDAPTLS_CACERT={CaFile}", program, "-x", "-H", $"ldaps://127.0.0.1:{Port}", .. arguments]);

    private void Load()
    {
        var people = string.Concat(Enumerable.Range(0, 130).Select(i => $"dn: uid=user{i:000},ou=people,{Base}\nobjectClass: inetOrgPerson\ncn: Crowd {i}\nsn: Crowd\nuserPassword: crowd\n\n"));
        var result = Client("ldapadd", $"""
            dn: {Base}
            objectClass: dcObject
            objectClass: organization
            o: cert

            dn: ou=people,{Base}
            objectClass: organizationalUnit

            dn: ou=policies,{Base}
            objectClass: organizationalUnit

            dn: {Policy}
            objectClass: pwdPolicy
            objectClass: device
            pwdAttribute: userPassword
            pwdLockout: TRUE
            pwdMustChange: TRUE
            pwdMaxFailure: 3
            pwdLockoutDuration: 3600
            pwdAllowUserChange: TRUE

            dn: cn=lax,ou=policies,{Base}
            objectClass: pwdPolicy
            objectClass: device
            pwdAttribute: userPassword
            pwdLockout: FALSE

            dn: {Soar}
            objectClass: organizationalRole
            objectClass: simpleSecurityObject
            userPassword: soar-secret

            dn: cn=reader,{Base}
            objectClass: organizationalRole
            objectClass: simpleSecurityObject
            userPassword: reader-secret

            dn: uid=alice,ou=people,{Base}
            objectClass: inetOrgPerson
            cn: Alice Adams
            sn: Adams
            mail: alice@cert.example
            description: head of finance
            userPassword: alicepw

            dn: cn=Smith\, \"John\" \+ x\=y #1,ou=people,{Base}
            objectClass: inetOrgPerson
            uid: *
            sn: Smith
            mail: odd@cert.example
            userPassword: oddpw

            dn: uid=lax,ou=people,{Base}
            objectClass: inetOrgPerson
            cn: Lax
            sn: Lax
            pwdPolicySubentry: cn=lax,ou=policies,{Base}
            userPassword: laxpw

            dn: uid=leaver,ou=people,{Base}
            objectClass: inetOrgPerson
            cn: Leaver
            sn: Leaver
            userPassword: leaverpw
            pwdAccountLockedTime: 000001010000Z

            dn: cn=vpn,ou=people,{Base}
            objectClass: groupOfNames
            member: uid=alice,ou=people,{Base}
            member: cn=remote,ou=people,{Base}

            dn: cn=remote,ou=people,{Base}
            objectClass: groupOfNames
            member: cn=vpn,ou=people,{Base}

            dn: cn=files,ou=people,{Base}
            objectClass: posixGroup
            gidNumber: 1000
            memberUid: alice

            dn: cn=strangers,ou=people,{Base}
            objectClass: groupOfNames
            member: uid=leaver,ou=people,{Base}

            {people}
            """, "-D", $"cn=admin,{Base}", "-w", "secret");
        if (result.ExitCode != 0)
            throw new InvalidOperationException(result.Errors);
    }

    private void Start()
    {
        Directory.CreateDirectory(In("db"));
        Tools.Must("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=ldap", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", In("key.pem"), "-out", CaFile);
        File.WriteAllText(In("slapd.conf"), $"""
            include /etc/ldap/schema/core.schema
            include /etc/ldap/schema/cosine.schema
            include /etc/ldap/schema/inetorgperson.schema
            include /etc/ldap/schema/nis.schema
            modulepath /usr/lib/ldap
            moduleload back_mdb
            moduleload ppolicy
            pidfile {In("pid")}
            argsfile {In("args")}
            TLSCertificateFile {CaFile}
            TLSCertificateKeyFile {In("key.pem")}
            sizelimit size.soft=100 size.hard=100 size.pr=20 size.prtotal=unlimited
            database mdb
            maxsize 104857600
            suffix "{Base}"
            rootdn "cn=admin,{Base}"
            rootpw secret
            directory {In("db")}
            index objectClass,uid,member eq
            overlay ppolicy
            ppolicy_default "{Policy}"
            ppolicy_use_lockout
            access to attrs=userPassword by self write by anonymous auth by * none
            access to attrs=pwdAccountLockedTime,pwdReset,description by dn.exact="{Soar}" write by users read by * none
            access to * by users read by * none

            """);
        Server = Tools.Serve(In("log"), "slapd", "-d", "0", "-f", In("slapd.conf"), "-h", $"ldaps://127.0.0.1:{Port}");
        Tools.Until(() => Tools.Listens("127.0.0.1", Port), TimeSpan.FromSeconds(30), Server, In("log"));
        Load();
    }
}
