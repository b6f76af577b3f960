// Jackson and Gson over every body: style <TAB> body <TAB> base64 of the bytes.
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

public class Golden {
    static void show(String name, Path file, String text) {
        String bytes = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        System.out.println(String.join("\t", name, file.getFileName().toString(), bytes));
    }

    public static void main(String[] args) throws Exception {
        List<Path> files;
        try (var all = Files.list(Path.of(args[0]))) {
            files = all.sorted().collect(Collectors.toList());
        }
        ObjectMapper jackson = new ObjectMapper();
        for (Path file : files) {
            String text = Files.readString(file);
            Object tree = jackson.readTree(text);
            show("jackson", file, jackson.writeValueAsString(tree));
            show("jackson-pretty", file, jackson.writerWithDefaultPrettyPrinter().writeValueAsString(tree));
            JsonElement element = JsonParser.parseString(text);
            show("gson", file, new Gson().toJson(element));
            show("gson-no-html", file, new GsonBuilder().disableHtmlEscaping().create().toJson(element));
            show("gson-pretty", file, new GsonBuilder().setPrettyPrinting().create().toJson(element));
            show("gson-object", file, new Gson().toJson(new Gson().fromJson(text, Object.class)));
        }
    }
}
