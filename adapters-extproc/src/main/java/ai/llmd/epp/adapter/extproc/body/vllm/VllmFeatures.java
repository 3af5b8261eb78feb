package ai.llmd.epp.adapter.extproc.body.vllm;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.PieceList;
import ai.llmd.epp.domain.request.PlacedAsset;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.json.JsonScanner;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The assets that a vLLM generate request declares its token ids to hold: for each modality their
 * hashes and, in another list, their places.
 */
final class VllmFeatures {

  private final FieldReader fields;
  private final Map<Modality, List<String>> hashes = new EnumMap<>(Modality.class);
  private final Map<Modality, List<Place>> places = new EnumMap<>(Modality.class);

  private record Place(long offset, long length) {}

  VllmFeatures(FieldReader fields) {
    this.fields = fields;
  }

  void read() {
    JsonScanner json = fields.json();
    if (!fields.entersObject()) {
      return;
    }
    while (json.nextMember()) {
      if (json.keyFoldsTo("mm_hashes")) {
        readInto(hashes, () -> fields.text(BodyText.EMPTY).name());
      } else if (json.keyFoldsTo("mm_placeholders")) {
        readInto(places, this::place);
      } else {
        json.skip();
      }
    }
  }

  /** Lists by modality; those of an unknown modality are left out. */
  private <T> void readInto(Map<Modality, List<T>> byModality, Supplier<T> element) {
    if (!fields.entersObject()) {
      return;
    }
    while (fields.json().nextMember()) {
      @Nullable Modality modality = modality(fields.json());
      List<T> elements = list(element);
      if (modality != null) {
        byModality.put(modality, elements);
      }
    }
  }

  private static @Nullable Modality modality(JsonScanner json) {
    if (json.keyIs("image")) {
      return Modality.IMAGE;
    }
    if (json.keyIs("video")) {
      return Modality.VIDEO;
    }
    return json.keyIs("audio") ? Modality.AUDIO : null;
  }

  private <T> List<T> list(Supplier<T> element) {
    List<T> elements = new ArrayList<>();
    if (fields.entersArray()) {
      while (fields.json().nextElement()) {
        PieceList.add(element.get(), elements);
      }
    }
    return elements;
  }

  private Place place() {
    JsonScanner json = fields.json();
    long offset = 0;
    long length = 0;
    if (fields.entersObject()) {
      while (json.nextMember()) {
        if (json.keyFoldsTo("offset")) {
          offset = fields.integer(offset);
        } else if (json.keyFoldsTo("length")) {
          length = fields.integer(length);
        } else {
          json.skip();
        }
      }
    }
    return new Place(offset, length);
  }

  /** Each hash with the place beside it, as far as both lists go, by offset. */
  List<PlacedAsset> assets() {
    List<PlacedAsset> assets = new ArrayList<>();
    hashes.forEach(
        (modality, names) -> {
          List<Place> beside = places.getOrDefault(modality, List.of());
          for (int i = 0; i < Math.min(names.size(), beside.size()); i++) {
            Place place = beside.get(i);
            assets.add(PlacedAsset.at(modality, names.get(i), place.offset(), place.length()));
          }
        });
    assets.sort(Comparator.comparingInt(PlacedAsset::offset));
    return assets;
  }
}
