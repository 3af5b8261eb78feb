package ai.llmd.epp.adapter.extproc.body.vllm;

import ai.llmd.epp.adapter.extproc.body.PieceList;
import ai.llmd.epp.adapter.extproc.body.Texts;
import ai.llmd.epp.adapter.extproc.body.TokenIdList;
import ai.llmd.epp.adapter.extproc.body.grpc.GrpcFrame;
import ai.llmd.epp.application.parsing.ModelRenaming;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParseOutcome.Malformed;
import ai.llmd.epp.application.parsing.ParseOutcome.Parsed;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.PlacedAsset;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.domain.request.Utf8Text;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@code GenerateRequest} or {@code EmbedRequest} of package {@code vllm.grpc.engine}, read from
 * the wire: few fields are needed, and the prompt stays where it is.
 */
final class VllmGrpcRequest {

  private static final int LENGTH_DELIMITED = WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int VARINT = WireFormat.WIRETYPE_VARINT;

  private static final int TOKENIZED = tag(2, LENGTH_DELIMITED); // of both requests
  private static final int TEXT = tag(3, LENGTH_DELIMITED);
  private static final int SAMPLING_PARAMS = tag(4, LENGTH_DELIMITED);
  private static final int STREAM = tag(5, VARINT);
  private static final int MM_INPUTS = tag(7, LENGTH_DELIMITED);
  private static final int INPUT_IDS = tag(2, VARINT); // of TokenizedInput
  private static final int INPUT_IDS_PACKED = tag(2, LENGTH_DELIMITED);
  private static final int MAX_TOKENS = tag(8, VARINT); // of SamplingParams
  private static final int MM_PLACEHOLDERS = tag(5, LENGTH_DELIMITED); // of MultimodalInputs
  private static final int MM_HASHES = tag(6, LENGTH_DELIMITED);
  private static final int OFFSET = tag(1, VARINT); // of PlaceholderRange
  private static final int LENGTH = tag(2, VARINT);

  private final byte[] body;
  private final int start;
  private final CodedInputStream message;

  private @Nullable Utf8Text text;
  private @Nullable TokenIdList tokenIds;
  private final List<Place> places = new ArrayList<>(0);
  private final List<String> hashes = new ArrayList<>(0);
  private long maxTokens = -1;
  private boolean isStreaming;

  private record Place(long offset, long length) {}

  VllmGrpcRequest(byte[] body, GrpcFrame frame) {
    this.body = body;
    this.start = frame.start();
    this.message = CodedInputStream.newInstance(body, start, frame.end() - start);
  }

  private static int tag(int field, int wireType) {
    return (field << 3) | wireType;
  }

  ParseOutcome readGenerate() throws IOException {
    for (int tag = message.readTag(); tag != 0; tag = message.readTag()) {
      if (tag == TOKENIZED) {
        readTokenized();
        text = null; // one of the two: the last counts
      } else if (tag == TEXT) {
        text = readText();
        tokenIds = null;
      } else if (tag == SAMPLING_PARAMS) {
        readSamplingParameters();
      } else if (tag == STREAM) {
        isStreaming = message.readBool();
      } else if (tag == MM_INPUTS) {
        readAssets();
      } else {
        message.skipField(tag);
      }
    }
    if (text != null) {
      List<PromptPiece> pieces =
          text.byteLength() == 0 ? List.of() : List.of(new PromptPiece.Text(text));
      return parsed(ApiKind.COMPLETIONS, new Prompt(pieces));
    }
    return tokenIds == null
        ? new Malformed("not supported request inputType")
        : parsed(ApiKind.COMPLETIONS, tokenPrompt(tokenIds));
  }

  ParseOutcome readEmbed() throws IOException {
    for (int tag = message.readTag(); tag != 0; tag = message.readTag()) {
      if (tag == TOKENIZED) {
        readTokenized();
      } else {
        message.skipField(tag);
      }
    }
    return tokenIds == null
        ? new Malformed("missing tokenized input in EmbedRequest")
        : parsed(ApiKind.EMBEDDINGS, tokenPrompt(tokenIds));
  }

  private Prompt tokenPrompt(TokenIdList ids) {
    return new Prompt(List.of(new PromptPiece.TokenIds(ids.toArray())), assets());
  }

  /** The places in their order, each with the hash beside it; images, whatever they are. */
  private List<PlacedAsset> assets() {
    List<PlacedAsset> assets = new ArrayList<>(places.size());
    for (int i = 0; i < places.size(); i++) {
      String hash = i < hashes.size() ? hashes.get(i) : "";
      assets.add(
          PlacedAsset.at(Modality.IMAGE, hash, places.get(i).offset(), places.get(i).length()));
    }
    return assets;
  }

  private ParseOutcome parsed(ApiKind api, Prompt prompt) {
    return new Parsed(
        new ParsedBody(
            api, "", isStreaming, maxTokens, List.of(prompt), "", ModelRenaming.NONE, false));
  }

  private Utf8Text readText() throws IOException {
    int length = message.readRawVarint32();
    int textStart = start + message.getTotalBytesRead();
    message.skipRawBytes(length);
    return Texts.span(body, textStart, textStart + length);
  }

  private void readTokenized() throws IOException {
    TokenIdList ids = new TokenIdList();
    int outside = message.pushLimit(message.readRawVarint32());
    for (int tag = message.readTag(); tag != 0; tag = message.readTag()) {
      if (tag == INPUT_IDS) {
        ids.addUnsigned(message.readUInt32());
      } else if (tag == INPUT_IDS_PACKED) {
        readPacked(ids);
      } else {
        message.skipField(tag);
      }
    }
    message.popLimit(outside);
    tokenIds = ids;
  }

  private void readPacked(TokenIdList ids) throws IOException {
    int outside = message.pushLimit(message.readRawVarint32());
    while (message.getBytesUntilLimit() > 0) {
      ids.addUnsigned(message.readUInt32());
    }
    message.popLimit(outside);
  }

  private void readAssets() throws IOException {
    int outside = message.pushLimit(message.readRawVarint32());
    for (int tag = message.readTag(); tag != 0; tag = message.readTag()) {
      if (tag == MM_PLACEHOLDERS) {
        PieceList.add(readPlace(), places);
      } else if (tag == MM_HASHES) {
        PieceList.add(message.readString(), hashes);
      } else {
        message.skipField(tag);
      }
    }
    message.popLimit(outside);
  }

  private Place readPlace() throws IOException {
    long offset = 0;
    long length = 0;
    int outside = message.pushLimit(message.readRawVarint32());
    for (int tag = message.readTag(); tag != 0; tag = message.readTag()) {
      if (tag == OFFSET) {
        offset = Integer.toUnsignedLong(message.readUInt32());
      } else if (tag == LENGTH) {
        length = Integer.toUnsignedLong(message.readUInt32());
      } else {
        message.skipField(tag);
      }
    }
    message.popLimit(outside);
    return new Place(offset, length);
  }

  private void readSamplingParameters() throws IOException {
    int outside = message.pushLimit(message.readRawVarint32());
    for (int tag = message.readTag(); tag != 0; tag = message.readTag()) {
      if (tag == MAX_TOKENS) {
        maxTokens = Integer.toUnsignedLong(message.readUInt32());
      } else {
        message.skipField(tag);
      }
    }
    message.popLimit(outside);
  }
}
