package io.borealis.agent.job;

import com.google.common.collect.ImmutableList;
import io.borealis.api.AppcImage;
import io.borealis.api.Container;
import io.borealis.api.DockerContainer;
import io.borealis.api.DockerImage;
import io.borealis.api.DockerParameter;
import io.borealis.api.Image;
import io.borealis.api.MesosContainer;
import io.borealis.api.Mode;
import io.borealis.api.Volume;

/** Reads what the tasks of a job run in. Pure. */
final class ContainerReader {
  private ContainerReader() {}

  /** The container of a job; a plain one if the job does not say. */
  static Container container(Fields job) throws InvalidTaskException {
    if (!job.has("container")) {
      return plain();
    }
    Fields container = job.fields("container");
    Type.Struct type = container.struct().type();
    if (type == Schema.DOCKER) {
      return docker(container);
    }
    if (type == Schema.CONTAINER) {
      return container.has("docker") ? docker(container.fields("docker")) : plain();
    }
    return new Container.Mesos(
        MesosContainer.builder()
            .image(container.ifAny("image", ContainerReader::image).orElse(null))
            .volumes(volumes(container))
            .build());
  }

  private static Container plain() {
    return new Container.Mesos(MesosContainer.builder().build());
  }

  private static Container docker(Fields docker) throws InvalidTaskException {
    ImmutableList.Builder<DockerParameter> parameters = ImmutableList.builder();
    for (Fields parameter : docker.list("parameters")) {
      parameters.add(
          DockerParameter.builder()
              .name(parameter.text("name"))
              .value(parameter.text("value"))
              .build());
    }
    return new Container.Docker(
        DockerContainer.builder()
            .image(docker.text("image"))
            .parameters(parameters.build())
            .build());
  }

  private static Image image(Fields image) throws InvalidTaskException {
    return image.struct().type() == Schema.APPC_IMAGE
        ? new Image.Appc(
            AppcImage.builder().name(image.text("name")).imageId(image.text("image_id")).build())
        : new Image.Docker(
            DockerImage.builder().name(image.text("name")).tag(image.text("tag")).build());
  }

  private static ImmutableList<Volume> volumes(Fields container) throws InvalidTaskException {
    ImmutableList.Builder<Volume> volumes = ImmutableList.builder();
    for (Fields volume : container.list("volumes")) {
      volumes.add(
          Volume.builder()
              .containerPath(volume.text("container_path"))
              .hostPath(volume.text("host_path"))
              .mode(Mode.valueOf(volume.text("mode")))
              .build());
    }
    return volumes.build();
  }
}
