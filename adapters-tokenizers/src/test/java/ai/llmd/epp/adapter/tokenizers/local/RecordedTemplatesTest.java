package ai.llmd.epp.adapter.tokenizers.local;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.tokenizers.jinja.None;
import ai.llmd.epp.adapter.tokenizers.jinja.Template;
import ai.llmd.epp.adapter.tokenizers.jinja.TemplateException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * Templates render to what Jinja for Python made of them, as {@code record_templates.py} recorded
 * it, and refuse what it refused. Other recordings are read from {@code golden.dir}.
 */
class RecordedTemplatesTest {

  private static final LocalDateTime NOW = LocalDateTime.of(2026, 3, 7, 4, 5, 9);

  @Test
  void rendersAsJinjaForPythonDoes() throws IOException {
    Map<String, Template> templates = new HashMap<>();
    List<String> differences = new ArrayList<>();
    List<?> cases = cases();
    for (Object recorded : cases) {
      Map<String, Object> each = JsonValues.object(recorded);
      String source = text(each, "template");
      String rendered;
      try {
        Template template = templates.get(source);
        if (template == null) {
          template = Template.read(source, () -> NOW);
          templates.put(source, template);
        }
        rendered =
            template.render(JsonValues.object(Objects.requireNonNull(each.get("variables"))));
      } catch (TemplateException e) {
        if (!(each.get("expected") instanceof None)) {
          differences.add(text(each, "name") + ": " + e.getMessage());
        }
        continue;
      }
      if (!rendered.equals(each.get("expected"))) {
        differences.add(
            text(each, "name") + "\nwas\n" + rendered + "\nand not\n" + each.get("expected"));
      }
    }
    assertThat(cases).hasSizeGreaterThan(100);
    assertThat(differences.stream().distinct().limit(20)).as("of %s", cases.size()).isEmpty();
  }

  private static String text(Map<String, Object> recorded, String member) {
    return (String) Objects.requireNonNull(recorded.get(member));
  }

  private static List<?> cases() throws IOException {
    String folder = System.getProperty("golden.dir");
    Path other = Path.of(folder == null ? "" : folder, "templates.json.gz");
    try (InputStream in =
            folder != null && Files.exists(other)
                ? Files.newInputStream(other)
                : Objects.requireNonNull(
                    RecordedTemplatesTest.class.getResourceAsStream(
                        "/templates/templates.json.gz"));
        InputStream unpacked = new GZIPInputStream(in)) {
      return (List<?>) JsonValues.read(unpacked.readAllBytes());
    }
  }
}
