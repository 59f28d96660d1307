using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis;

namespace Soar.Scripting.Check;

/// <summary>
/// Gate e: the emitted assembly's own tables. Whatever the source gates overlooked, an assembly cannot call what it does not refer to. It cannot see the
/// language's rules (an un-awaited step looks like any call), only what is touched.
/// </summary>
internal sealed class AssemblyGate(MetadataReader reader, AllowList list)
{
    private readonly List<Finding> findings = [];
    private readonly Names names = new();

    public static IReadOnlyList<Finding> Check(ReadOnlyMemory<byte> assembly, AllowList list)
    {
        try
        {
            using var pe = new PEReader(ImmutableArray.Create(assembly.Span));
            var headers = pe.PEHeaders.CorHeader;
            if (!pe.HasMetadata || headers is null) return [Refusal("The assembly has no metadata.")];
            var gate = new AssemblyGate(pe.GetMetadataReader(), list);
            if (!headers.Flags.HasFlag(CorFlags.ILOnly) || headers.Flags.HasFlag(CorFlags.NativeEntryPoint) || headers.Flags.HasFlag(CorFlags.ILLibrary)) gate.Refuse("The assembly holds native code.");
            if (headers.VtableFixupsDirectory.Size != 0 || headers.ManagedNativeHeaderDirectory.Size != 0) gate.Refuse("The assembly holds native code.");
            gate.Tables();
            return gate.findings;
        }
        catch (BadImageFormatException e)
        {
            return [Refusal($"The assembly cannot be read: {e.Message}.")];
        }
    }

    private void Tables()
    {
        foreach (var table in new[]
        {
            TableIndex.ModuleRef, TableIndex.ImplMap, TableIndex.File, TableIndex.ExportedType, TableIndex.ManifestResource, TableIndex.DeclSecurity, TableIndex.FieldMarshal,
            TableIndex.Event, TableIndex.EventMap,
        })
        {
            if (reader.GetTableRowCount(table) != 0) Refuse($"The assembly has a {table} table: playbooks import, export and embed nothing.");
        }

        foreach (var handle in reader.AssemblyReferences)
        {
            var name = reader.GetString(reader.GetAssemblyReference(handle).Name);
            if (!list.Assembly(name)) Refuse($"The assembly refers to the assembly '{name}', which is not on the allow-list.");
        }

        foreach (var handle in reader.TypeReferences) TypeReference(handle);
        foreach (var handle in reader.MemberReferences) Member(reader.GetMemberReference(handle));
        for (var row = 1; row <= reader.GetTableRowCount(TableIndex.StandAloneSig); row++)
        {
            var signature = reader.GetStandaloneSignature(MetadataTokens.StandaloneSignatureHandle(row));
            if (signature.GetKind() != StandaloneSignatureKind.LocalVariables) Refuse("The assembly calls through a raw function pointer (calli).");
            else if (signature.DecodeLocalSignature(names, null).Any(t => t.Contains('*', StringComparison.Ordinal) || t.Contains("fnptr", StringComparison.Ordinal)))
                Refuse("The assembly has a pointer in a local variable.");
        }

        foreach (var handle in reader.TypeDefinitions) Definition(reader.GetTypeDefinition(handle));
    }

    private void TypeReference(TypeReferenceHandle handle)
    {
        var name = Names.Open(reader, handle);
        if (list.Type(name, Names.Home(reader, handle)) == Permission.Nobody) Refuse($"The assembly refers to the type '{name}', which is not on the allow-list. {list.Remedy(name)}");
    }

    private void Member(MemberReference member)
    {
        string type, home;
        switch (member.Parent.Kind)
        {
            case HandleKind.TypeReference:
                type = Names.Open(reader, (TypeReferenceHandle)member.Parent);
                home = Names.Home(reader, (TypeReferenceHandle)member.Parent);
                break;
            case HandleKind.TypeSpecification:
                var blob = reader.GetBlobReader(reader.GetTypeSpecification((TypeSpecificationHandle)member.Parent).Signature);
                var code = blob.ReadSignatureTypeCode();
                if (code == SignatureTypeCode.GenericTypeInstance)
                {
                    blob.ReadByte(); // class or value type
                    var definition = blob.ReadTypeHandle();
                    if (definition.Kind == HandleKind.TypeDefinition) return; // its own
                    type = Names.Open(reader, (TypeReferenceHandle)definition);
                    home = Names.Home(reader, (TypeReferenceHandle)definition);
                    break;
                }

                // Members of multi-dimensional arrays; vectors have instructions of their own.
                if (code == SignatureTypeCode.Array) return;
                Refuse($"The assembly refers to a member of a {code}.");
                return;
            case HandleKind.TypeDefinition or HandleKind.MethodDefinition:
                return;
            default:
                Refuse($"The assembly refers to a member of a {member.Parent.Kind}.");
                return;
        }

        var memberName = reader.GetString(member.Name);
        string full;
        if (member.GetKind() == MemberReferenceKind.Field) full = MemberNames.Field(type, memberName);
        else
        {
            var signature = member.DecodeMethodSignature(names, null);
            if (signature.Header.CallingConvention != SignatureCallingConvention.Default) Refuse($"'{type}::{memberName}' has the calling convention {signature.Header.CallingConvention}.");
            full = MemberNames.Method(type, memberName, signature.GenericParameterCount, signature.ParameterTypes, signature.ReturnType);
        }

        if (list.Member(full, home) == Permission.Nobody) Refuse($"The assembly refers to '{full}', which is not on the allow-list. {list.Remedy(full)}");
    }

    private void Definition(TypeDefinition type)
    {
        var name = reader.GetString(type.Name);
        // The one class that the wrapper makes.
        var playbook = name == "ThisPlaybook" && type.BaseType is { IsNil: false, Kind: HandleKind.TypeReference } && Names.Open(reader, (TypeReferenceHandle)type.BaseType) is "Soar.Facades.PlaybookBase" or "Soar.Language.Script";
        var byCompiler = ByCompiler(type);
        if (type.BaseType is { IsNil: false, Kind: HandleKind.TypeReference } && !byCompiler)
        {
            var parent = Names.Open(reader, (TypeReferenceHandle)type.BaseType);
            if (parent is not ("object" or "Enum") && !playbook) Refuse($"The type '{name}' derives from '{parent}'.");
        }

        if (!byCompiler)
        {
            foreach (var handle in type.GetInterfaceImplementations())
            {
                var implemented = Interface(reader.GetInterfaceImplementation(handle).Interface);
                if (!implemented.StartsWith("IEquatable<", StringComparison.Ordinal)) Refuse($"The type '{name}' implements '{implemented}'.");
            }
        }

        foreach (var handle in type.GetMethods())
        {
            var method = reader.GetMethodDefinition(handle);
            if (method.Attributes.HasFlag(MethodAttributes.PinvokeImpl) || method.Attributes.HasFlag(MethodAttributes.UnmanagedExport)
                || method.ImplAttributes.HasFlag(MethodImplAttributes.Native) || method.ImplAttributes.HasFlag(MethodImplAttributes.Unmanaged) || method.ImplAttributes.HasFlag(MethodImplAttributes.InternalCall))
                Refuse($"The method '{name}.{reader.GetString(method.Name)}' is native.");
            if (reader.GetString(method.Name) == "Finalize") Refuse($"The type '{name}' has a finalizer.");
            if (reader.GetString(method.Name) == ".cctor" && !byCompiler && !playbook) Refuse($"The type '{name}' has a static constructor.");
        }

        foreach (var handle in type.GetFields())
        {
            var field = reader.GetFieldDefinition(handle);
            if (!byCompiler && field.Attributes.HasFlag(FieldAttributes.Static) && !field.Attributes.HasFlag(FieldAttributes.Literal) && !(playbook && reader.GetString(field.Name) == "__sites"))
                Refuse($"The type '{name}' has the static field '{reader.GetString(field.Name)}'.");
        }

        if (type.GetLayout() is { IsDefault: false } && !byCompiler) Refuse($"The type '{name}' chooses its own layout.");
    }

    // Names that C# cannot write: closures, state machines, the lists behind collection expressions, and what is nested in those.
    private bool ByCompiler(TypeDefinition type)
    {
        for (var at = type; ; at = reader.GetTypeDefinition(at.GetDeclaringType()))
        {
            if (reader.GetString(at.Name).StartsWith('<')) return true;
            if (at.GetDeclaringType().IsNil) return reader.GetString(at.Namespace) is "Microsoft.CodeAnalysis" or "System.Runtime.CompilerServices";
        }
    }

    private string Interface(EntityHandle handle) => handle.Kind switch
    {
        HandleKind.TypeReference => Names.Open(reader, (TypeReferenceHandle)handle),
        HandleKind.TypeSpecification => reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(names, null),
        _ => "own",
    };

    private void Refuse(string message) => findings.Add(Refusal(message));

    private static Finding Refusal(string message) =>
        new(CheckCodes.Assembly, Location.None, message, "This is a gap in the source gates: report it with the playbook.");

    /// <summary>Signatures in the spelling of <see cref="MemberNames"/>.</summary>
    private sealed class Names : ISignatureTypeProvider<string, object?>
    {
        public static string Open(MetadataReader reader, TypeReferenceHandle handle)
        {
            var (space, levels) = Levels(reader, handle);
            return MemberNames.Type(space, levels, []);
        }

        public static string Home(MetadataReader reader, TypeReferenceHandle handle)
        {
            var scope = reader.GetTypeReference(handle).ResolutionScope;
            while (scope.Kind == HandleKind.TypeReference) scope = reader.GetTypeReference((TypeReferenceHandle)scope).ResolutionScope;
            return scope.Kind == HandleKind.AssemblyReference ? reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name) : "";
        }

        private static (string Space, List<string> Levels) Levels(MetadataReader reader, TypeReferenceHandle handle)
        {
            var levels = new List<string>();
            while (true)
            {
                var type = reader.GetTypeReference(handle);
                levels.Insert(0, reader.GetString(type.Name));
                if (type.ResolutionScope.Kind != HandleKind.TypeReference) return (reader.GetString(type.Namespace), levels);
                handle = (TypeReferenceHandle)type.ResolutionScope;
            }
        }

        // A generic type arrives as its raw levels, marked, and is put together once its arguments are known.
        private const char Mark = '\u0001';

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            var (space, levels) = Levels(reader, handle);
            return levels.Any(l => l.Contains('`', StringComparison.Ordinal)) ? Mark + space + Mark + string.Join(Mark, levels) : MemberNames.Type(space, levels, []);
        }

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => "own:" + reader.GetString(reader.GetTypeDefinition(handle).Name);

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments)
        {
            if (genericType.Length == 0 || genericType[0] != Mark) return genericType + "<" + string.Join(',', typeArguments) + ">";
            var parts = genericType[1..].Split(Mark);
            return MemberNames.Type(parts[0], parts[1..], typeArguments);
        }

        public string GetArrayType(string elementType, ArrayShape shape) => elementType + "[" + new string(',', shape.Rank - 1) + "]";
        public string GetSZArrayType(string elementType) => elementType + "[]";
        public string GetByReferenceType(string elementType) => "ref " + elementType;
        public string GetPointerType(string elementType) => elementType + "*";
        public string GetPinnedType(string elementType) => elementType + "*";
        public string GetFunctionPointerType(MethodSignature<string> signature) => "fnptr";
        public string GetGenericMethodParameter(object? genericContext, int index) => "M" + index;
        public string GetGenericTypeParameter(object? genericContext, int index) => "T" + index;
        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;
        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode switch
        {
            PrimitiveTypeCode.TypedReference => "TypedReference",
            _ => MemberNames.Type("System", [typeCode.ToString()], []),
        };
    }
}
