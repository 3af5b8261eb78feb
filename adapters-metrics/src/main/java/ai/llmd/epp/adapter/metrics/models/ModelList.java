package ai.llmd.epp.adapter.metrics.models;

import ai.llmd.epp.domain.facts.ServedModels.Model;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code {"data": [{"id", "object", "created", "owned_by", "parent"}]}}. Members that are not
 * known or of another type are passed over, and so is a model without an id.
 */
final class ModelList {

  /** Those beyond are not kept. */
  static final int MAX_MODELS = 1000;

  /** A longer text is no name. */
  static final int MAX_NAME_CHARACTERS = 512;

  private final JsonScanner json;
  private @Nullable List<Model> models;
  private int unnamed;

  private ModelList(byte[] page, int length) {
    this.json = new JsonScanner(page, 0, length);
  }

  /**
   * The models of a page; null when it has no list.
   *
   * @param problems takes one sentence for each thing that was missing or unreadable
   */
  static @Nullable List<Model> read(byte[] page, int length, Consumer<String> problems) {
    ModelList list = new ModelList(page, length);
    list.read();
    if (list.json.error() != null) {
      problems.accept("the list of models is no JSON: " + list.json.error());
      return null;
    }
    List<Model> models = list.models;
    if (models == null) {
      problems.accept("the list of models has no array \"data\"");
      return null;
    }
    if (list.unnamed > 0) {
      problems.accept(list.unnamed + " models have no usable id");
    }
    if (models.size() > MAX_MODELS) {
      problems.accept("only " + MAX_MODELS + " of " + models.size() + " models are kept");
      return List.copyOf(models.subList(0, MAX_MODELS));
    }
    return List.copyOf(models);
  }

  private void read() {
    if (json.kind() != JsonKind.OBJECT) {
      json.skip();
    } else {
      json.enter();
      while (json.nextMember()) {
        if (json.keyIs("data") && json.kind() == JsonKind.ARRAY) {
          models = elements();
        } else {
          json.skip();
        }
      }
    }
    json.finish();
  }

  private List<Model> elements() {
    List<Model> found = new ArrayList<>();
    unnamed = 0;
    json.enter();
    while (json.nextElement()) {
      Model model = json.kind() == JsonKind.OBJECT ? model() : skipped();
      if (model == null) {
        unnamed++;
      } else {
        found.add(model);
      }
    }
    return found;
  }

  private @Nullable Model skipped() {
    json.skip();
    return null;
  }

  private @Nullable Model model() {
    String id = "";
    String object = "";
    long created = 0;
    String owner = "";
    String parent = "";
    json.enter();
    while (json.nextMember()) {
      if (json.keyIs("id")) {
        id = text();
      } else if (json.keyIs("object")) {
        object = text();
      } else if (json.keyIs("owned_by")) {
        owner = text();
      } else if (json.keyIs("parent")) {
        parent = text();
      } else if (json.keyIs("created")) {
        created = seconds();
      } else {
        json.skip();
      }
    }
    return id.isEmpty() ? null : new Model(id, object, created, owner, parent);
  }

  /** The text that starts here; empty when it is none, or none that can be a name. */
  private String text() {
    if (json.kind() != JsonKind.STRING) {
      json.skip();
      return "";
    }
    String text = json.text().content();
    return text.length() > MAX_NAME_CHARACTERS ? "" : text;
  }

  private long seconds() {
    if (json.kind() != JsonKind.NUMBER) {
      json.skip();
      return 0;
    }
    return (long) json.integer(); // what is no integer is NaN, and 0 then
  }
}
