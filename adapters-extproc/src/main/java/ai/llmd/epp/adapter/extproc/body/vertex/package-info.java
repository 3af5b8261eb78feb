/** Vertex AI's prediction service over gRPC, which carries bodies of the OpenAI family. */
@NullMarked
package ai.llmd.epp.adapter.extproc.body.vertex;

import org.jspecify.annotations.NullMarked;
