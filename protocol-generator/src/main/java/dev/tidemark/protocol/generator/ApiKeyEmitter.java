package dev.tidemark.protocol.generator;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Emits the enum of all APIs, and the sealed interfaces of requests and responses.
final class ApiKeyEmitter {
    private record Api(Schema request, Schema response) {}

    private final Map<Integer, Api> apis = new TreeMap<>();

    ApiKeyEmitter(List<Schema> schemas) {
        Map<Integer, Schema> responses = schemas.stream()
                .filter(schema -> schema.kind() == Schema.Kind.RESPONSE)
                .collect(Collectors.toMap(Schema::apiKey, schema -> schema));
        for (Schema schema : schemas) {
            Schema response = responses.get(schema.apiKey());
            if (schema.kind() == Schema.Kind.REQUEST && response != null)
                apis.put(schema.apiKey(), new Api(schema, response));
        }
    }

    /// `ProduceRequest` and `ProduceResponse` become `PRODUCE`.
    static String constant(String messageName) {
        String name = apiName(messageName);
        StringBuilder constant = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            if (i > 0 && Character.isUpperCase(name.charAt(i))) constant.append('_');
            constant.append(name.charAt(i));
        }
        return constant.toString().toUpperCase(Locale.ROOT);
    }

    private static String apiName(String messageName) {
        return messageName.replaceFirst("(Request|Response)$", "");
    }

    String sealedInterface(boolean requests) {
        Code code = new Code().line("// Generated from Kafka's message definitions; changes will be lost.");
        code.line("package dev.tidemark.protocol.message;").blank();
        code.line("import dev.tidemark.protocol.ApiKey;")
                .line("import dev.tidemark.protocol.codec.Message;")
                .blank();
        String name = requests ? "Request" : "Response";
        code.line("/// Every " + (requests ? "request" : "response") + " of Kafka's protocol.");
        code.line("public sealed interface " + name + " extends Message").continued("permits");
        String names = apis.values().stream()
                .map(api -> (requests ? api.request : api.response).name())
                .sorted()
                .collect(Collectors.joining(",\n                "));
        code.continued(names + " {").indent().line("ApiKey apiKey();").line("}");
        return code.toString();
    }

    String apiKeyEnum() {
        Code code = new Code().line("// Generated from Kafka's message definitions; changes will be lost.");
        code.line("package dev.tidemark.protocol;").blank();
        code.line("import dev.tidemark.protocol.codec.Reader;");
        code.line("import dev.tidemark.protocol.message.*;");
        code.line("import org.jspecify.annotations.Nullable;").blank();
        code.line("/// The APIs of Kafka's protocol. Versions are of the messages here, not of what a broker serves.");
        code.line("public enum ApiKey {");
        constants(code);
        fields(code);
        lookups(code);
        headers(code);
        reading(code);
        return code.line("}").toString();
    }

    private void constants(Code code) {
        int left = apis.size();
        for (Api api : apis.values()) {
            Schema request = api.request;
            Versions versions = request.versions();
            String arguments = String.join(
                    ", ",
                    "" + request.apiKey(),
                    '"' + apiName(request.name()) + '"',
                    "" + versions.lowest(),
                    "" + request.stable(),
                    "" + versions.highest(),
                    flexibleFrom(request),
                    flexibleFrom(api.response),
                    "" + request.listeners().contains("broker"),
                    "" + request.listeners().contains("controller"));
            code.line(constant(request.name()) + "(" + arguments + ")" + (--left > 0 ? "," : ";"));
        }
        code.blank();
    }

    private static String flexibleFrom(Schema schema) {
        return schema.flexible().isEmpty()
                ? "Short.MAX_VALUE"
                : "" + schema.flexible().lowest();
    }

    private void fields(Code code) {
        String[] names = {
            "short id",
            "String apiName",
            "short lowestVersion",
            "short highestVersion",
            "short highestUnstableVersion",
            "int requestFlexibleFrom",
            "int responseFlexibleFrom",
            "boolean onBrokers",
            "boolean onControllers"
        };
        code.line("private static final @Nullable ApiKey[] BY_ID = new ApiKey[" + (lastId() + 1) + "];")
                .blank();
        code.line("static {")
                .line("for (ApiKey key : values()) BY_ID[key.id] = key;")
                .line("}")
                .blank();
        for (String name : names) code.line("private final " + name + ";");
        code.blank().line("ApiKey(");
        for (int i = 0; i < names.length; i++)
            code.continued(names[i].replace("short ", "int ") + (i == names.length - 1 ? ") {" : ","));
        code.indent();
        for (String declaration : names) {
            String name = declaration.substring(declaration.indexOf(' ') + 1);
            String cast = declaration.startsWith("short ") ? "(short) " : "";
            code.line("this." + name + " = " + cast + name + ";");
        }
        code.line("}").blank();
        for (String declaration : names) {
            if (declaration.contains("FlexibleFrom")) continue;
            String name = declaration.substring(declaration.indexOf(' ') + 1);
            if (name.equals("highestVersion")) code.line("/// Without versions that Kafka calls unstable.");
            if (name.equals("onBrokers")) code.line("/// Whether brokers serve it to clients.");
            code.line("public " + declaration + "() {")
                    .line("return " + name + ";")
                    .line("}")
                    .blank();
        }
    }

    private int lastId() {
        return apis.keySet().stream().mapToInt(id -> id).max().orElseThrow();
    }

    private static void lookups(Code code) {
        code.line("/// Null if there is no such API (any more).");
        code.line("public static @Nullable ApiKey forId(int id) {");
        code.line("return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;")
                .line("}")
                .blank();
        code.line("public boolean isFlexible(int version) {");
        code.line("return version >= requestFlexibleFrom;").line("}").blank();
    }

    private static void headers(Code code) {
        code.line("/// The version of [RequestHeader] in front of a request of `version`.");
        code.line("public short requestHeaderVersion(int version) {");
        code.line("return (short) (version >= requestFlexibleFrom ? 2 : 1);")
                .line("}")
                .blank();
        code.line(
                "/// The version of [ResponseHeader] in front of a response. For ApiVersions always 0, as its reader");
        code.line("/// may not know the version yet.");
        code.line("public short responseHeaderVersion(int version) {");
        code.line("return (short) (version >= responseFlexibleFrom && this != API_VERSIONS ? 1 : 0);")
                .line("}")
                .blank();
    }

    private void reading(Code code) {
        code.line("public Request readRequest(Reader in, short version) {").line("return switch (this) {");
        for (Api api : apis.values())
            code.line("case " + constant(api.request.name()) + " -> " + api.request.name() + ".read(in, version);");
        code.line("};").line("}").blank();
        code.line("public Response readResponse(Reader in, short version) {").line("return switch (this) {");
        for (Api api : apis.values())
            code.line("case " + constant(api.request.name()) + " -> " + api.response.name() + ".read(in, version);");
        code.line("};").line("}");
    }
}
