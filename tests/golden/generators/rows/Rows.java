// What Java makes of a body's bytes and text: what was done <TAB> body <TAB> base64 of the bytes that are hashed.
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.gson.Gson;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

public class Rows {
    static String file;

    static void show(String name, byte[] made) {
        System.out.println(name + "\t" + file + "\t" + Base64.getEncoder().encodeToString(made));
    }

    static void show(String name, String made) {
        show(name, made.getBytes(StandardCharsets.UTF_8));
    }

    public static void main(String[] args) throws Exception {
        try (var files = Files.list(Path.of(args[0]))) {
            for (Path path : files.sorted().collect(Collectors.toList())) {
                file = path.getFileName().toString();
                body(Files.readAllBytes(path));
            }
        }
    }

    /** As readers that keep objects in a HashMap have it, such as org.json. */
    static Object hashed(Object value) {
        if (value instanceof Map<?, ?> members) {
            Map<Object, Object> all = new HashMap<>();
            members.forEach((key, item) -> all.put(key, hashed(item)));
            return all;
        }
        return value instanceof List<?> items ? items.stream().map(Rows::hashed).collect(Collectors.toList()) : value;
    }

    static void body(byte[] body) throws Exception {
        show("Arrays.toString", Arrays.toString(body));
        show("Gson of bytes", new Gson().toJson(body));
        show("Jackson of bytes", new ObjectMapper().writeValueAsString(body));
        show("getMimeEncoder", Base64.getMimeEncoder().encodeToString(body));
        show("getUrlEncoder", Base64.getUrlEncoder().encodeToString(body));
        show("new String(US_ASCII)", new String(body, StandardCharsets.US_ASCII));
        show("new String(ISO_8859_1)", new String(body, StandardCharsets.ISO_8859_1));
        show("new String(windows-1252)", new String(body, Charset.forName("windows-1252")));
        show("new String(UTF_8)", new String(body, StandardCharsets.UTF_8));
        show("Optional.empty", Optional.empty().toString());
        show("Map.of()", Map.of().toString());
        String text = new String(body, StandardCharsets.UTF_8);
        if (!Arrays.equals(text.getBytes(StandardCharsets.UTF_8), body)) {
            return;
        }
        show("Optional.of", Optional.of(text).toString());
        show("getBytes(US_ASCII)", text.getBytes(StandardCharsets.US_ASCII));
        show("getBytes(ISO_8859_1)", text.getBytes(StandardCharsets.ISO_8859_1));
        show("getBytes(windows-1252)", text.getBytes("windows-1252"));
        show("getBytes(UTF_16)", text.getBytes(StandardCharsets.UTF_16));
        show("getBytes(UTF_16LE)", text.getBytes(StandardCharsets.UTF_16LE));
        show("getBytes(UTF_32BE)", text.getBytes("UTF-32BE"));
        show("getBytes(CESU-8)", text.getBytes("CESU-8"));
        show("URLEncoder", URLEncoder.encode(text, StandardCharsets.UTF_8));
        show("lines().joining()", text.lines().collect(Collectors.joining()));
        show("lines().joining(\\n)", text.lines().collect(Collectors.joining("\n")));
        show("strip", text.strip());
        if (file.endsWith(".json")) {
            Map<?, ?> jackson = new ObjectMapper().readValue(body, LinkedHashMap.class);
            show("Jackson's map as text", jackson.toString());
            Map<?, ?> hashed = (Map<?, ?>) hashed(jackson);
            show("a HashMap as JSON", new ObjectMapper().writeValueAsString(hashed));
            show("a HashMap as text", hashed.toString());
            show("a TreeMap of the members", new ObjectMapper().writeValueAsString(new TreeMap<>(jackson)));
            show("a HashMap of the members", new ObjectMapper().writeValueAsString(new HashMap<>(jackson)));
            show("Gson's map as text", new Gson().fromJson(text, Map.class).toString());
            show("Jackson of Jackson's text", new ObjectMapper().writeValueAsString(new ObjectMapper().writeValueAsString(jackson)));
        }
        if (file.equals("form.txt")) {
            Map<String, String> fields = new LinkedHashMap<>();
            for (String field : text.split("&")) {
                String[] pair = field.split("=", 2);
                fields.put(URLDecoder.decode(pair[0], StandardCharsets.UTF_8), URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
            }
            show("fields as text", fields.toString());
            show("fields as JSON", new ObjectMapper().writeValueAsString(fields));
            show("fields again", fields.entrySet().stream()
                .map(field -> URLEncoder.encode(field.getKey(), StandardCharsets.UTF_8) + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&")));
        }
    }
}
