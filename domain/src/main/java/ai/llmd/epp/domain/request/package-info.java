/** What a client asked for: a view over the bytes of its request, never a copy of the prompt. */
@NullMarked
package ai.llmd.epp.domain.request;

import org.jspecify.annotations.NullMarked;
