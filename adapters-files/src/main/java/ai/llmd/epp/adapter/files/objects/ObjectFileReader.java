package ai.llmd.epp.adapter.files.objects;

import ai.llmd.epp.adapter.files.objects.ObjectSchema.Document;
import ai.llmd.epp.adapter.files.objects.ObjectSchema.PoolRef;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.RecordBinder;
import ai.llmd.epp.yaml.SourceLocation;
import ai.llmd.epp.yaml.Value;
import ai.llmd.epp.yaml.Value.Mistyped;
import ai.llmd.epp.yaml.YamlSource;
import ai.llmd.epp.yaml.YamlText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one file of objects of one kind: YAML documents, as {@code kubectl} takes and prints them,
 * also within a {@code List}. Used once.
 *
 * @param <D> how an object is written
 * @param <T> what it stands for
 */
abstract class ObjectFileReader<D extends Record & Document, T> {

  static final String API_VERSION = "llm-d.ai/v1alpha2";
  static final String OLD_API_VERSION = "inference.networking.x-k8s.io/v1alpha2";

  private static final String DEFAULT_GROUP = "inference.networking.k8s.io";
  private static final String LIST = "List";
  private static final int MAX_NAME_LENGTH = 253;

  private final String kind;
  private final Class<D> schema;
  private final ObjectOwner owner;
  private final String origin;
  private final RecordBinder binder;
  private final List<T> objects = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /** Receives whatever is wrong. */
  final Problems problems;

  ObjectFileReader(String kind, Class<D> schema, ObjectOwner owner, String origin) {
    this.kind = kind;
    this.schema = schema;
    this.owner = owner;
    this.origin = origin;
    this.problems = new Problems(origin);
    this.binder = new RecordBinder(true, problems);
  }

  /** The object, or null when it cannot be used, which has been reported. */
  abstract @Nullable T object(D document);

  final ReadObjects<T> read(YamlSource source) throws InvalidDocumentException {
    boolean hasDocuments = false;
    for (Value document : YamlText.readAll(source.text(), origin, problems)) {
      if (!document.isNothing()) {
        hasDocuments = true;
        document(document, true);
      }
    }
    if (!hasDocuments && problems.count() == 0) {
      // A file is empty while it is being written, and that must not cost every object its place.
      problems.add(
          SourceLocation.unwritten(""),
          "the file is empty; for none at all write {apiVersion: v1, kind: List, items: []}");
    }
    problems.throwIfAny();
    return new ReadObjects<>(objects, remarks);
  }

  private void document(Value document, boolean mayBeList) {
    try {
      Map<String, Value> fields = document.fields();
      Value given = field(document, fields, "kind");
      String found = given.isNothing() ? "" : given.text();
      if (found.equals(kind)) {
        bind(document, fields);
      } else if (found.equals(LIST) && mayBeList) {
        items(document);
      } else {
        problems.add(given.spot(), "must be " + kind + ", was " + shown(found));
      }
    } catch (Mistyped e) {
      problems.add(document.spot(), e.getMessage());
    }
  }

  private static Value field(Value document, Map<String, Value> fields, String name) {
    Value field = fields.get(name);
    return field == null ? Value.absent(document.spot().field(name)) : field;
  }

  private void items(Value document) {
    ObjectSchema.Items list = binder.bind(document, ObjectSchema.Items.class, null);
    if (list == null) {
      return;
    }
    if (!list.apiVersion().value().equals("v1")) {
      problems.add(list.apiVersion().spot(), "must be v1, as that of every List");
    }
    list.items().forEach(item -> document(item, false));
  }

  private void bind(Value document, Map<String, Value> fields) throws Mistyped {
    int before = problems.count();
    D bound = binder.bind(document, schema, null);
    if (bound == null) {
      return;
    }
    LocatedText name = bound.metadata().name();
    String stranger = strangeness(bound);
    checkName(name, stranger.isEmpty());
    checkPoolRef(bound.poolRef());
    T object = object(bound);
    checkApiVersion(field(document, fields, "apiVersion"), name);
    if (object == null || problems.count() > before) {
      return;
    }
    if (stranger.isEmpty()) {
      objects.add(object);
    } else {
      remarks.add(kind + " " + quoted(name.value()) + " is ignored: " + stranger);
    }
  }

  private void checkApiVersion(Value given, LocatedText name) throws Mistyped {
    String version = given.isNothing() ? "" : given.text();
    if (version.equals(OLD_API_VERSION)) {
      remarks.add(
          "%s \"%s\": apiVersion %s is deprecated, use %s"
              .formatted(kind, name.value(), OLD_API_VERSION, API_VERSION));
    } else if (!version.equals(API_VERSION)) {
      problems.add(given.spot(), "must be " + API_VERSION + ", was " + shown(version));
    }
  }

  private void checkName(LocatedText name, boolean isOurs) {
    if (name.isEmpty()) {
      problems.add(name.spot(), "is required");
    } else if (name.value().length() > MAX_NAME_LENGTH) {
      problems.add(name.spot(), "must have at most " + MAX_NAME_LENGTH + " characters");
    } else if (isOurs && !names.add(name.value())) {
      problems.add(name.spot(), "another " + kind + " is called " + quoted(name.value()));
    }
  }

  private void checkPoolRef(@Nullable PoolRef poolRef) {
    if (poolRef != null && poolRef.name().isEmpty()) {
      problems.add(poolRef.name().spot(), "is required");
    }
  }

  /** Why an object is none of the pool's; empty when it is one. */
  private String strangeness(D document) {
    LocatedText namespace = document.metadata().namespace();
    if (!namespace.isEmpty() && !namespace.value().equals(owner.namespace())) {
      return "it is in namespace " + quoted(namespace.value());
    }
    PoolRef poolRef = document.poolRef();
    if (poolRef == null) {
      return "";
    }
    String group = poolRef.group().or(DEFAULT_GROUP).value();
    return poolRef.name().value().equals(owner.pool()) && group.equals(owner.group())
        ? ""
        : "it is for pool " + quoted(poolRef.name().value()) + " of " + group;
  }

  private static String shown(String text) {
    return text.isEmpty() ? "missing" : quoted(text);
  }

  static String quoted(String text) {
    return '"' + text + '"';
  }
}
