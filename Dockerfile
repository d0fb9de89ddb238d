# The site in a container, without a JDK. Not tried yet: it was written where no container engine runs.
FROM maven:3-eclipse-temurin-17 AS build
WORKDIR /src
COPY . .
RUN mvn -B -q -Pimage -Dmaven.test.skip=true -pl pbp-cli -am package

FROM debian:bookworm-slim
COPY --from=build /src/pbp-cli/target/image /opt/pbp
# Started once here, so that the class archive is made for the place where it will run.
RUN useradd --system --create-home pbp && /opt/pbp/bin/pbp-cli --version
USER pbp
EXPOSE 8888
ENTRYPOINT ["/opt/pbp/bin/pbp-cli"]
# It starts only with tokens (PBP_TOKENS), or if PBP_OPEN=true says that everybody who reaches it may read and write.
ENV PBP_BIND=0.0.0.0
CMD ["serve"]
