// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/handlers/workload_base.h"

#include <QThreadPool>

#include <memory>
#include <vector>

namespace millrace::handlers {

/// Makes three thumbnails of each picture of a folder. Files that cannot be decoded are rejected
/// with the decoder's own text.
class ImagesWorkload final : public WorkloadBase
{
    Q_OBJECT

public:
    explicit ImagesWorkload(WorkloadContext context, QObject* parent = nullptr);

    /// Takes the pictures of `folder` and its subfolders from the next submission on; empty = the
    /// sample pictures.
    void setFolder(const QString& folder) { m_folder = folder; }
    [[nodiscard]] QString folder() const { return m_folder; }
    /// Where the thumbnails of this run are.
    [[nodiscard]] QString thumbnailsFolder() const;

    [[nodiscard]] QString id() const override;
    [[nodiscard]] QString title() const override;
    [[nodiscard]] QString description() const override;
    [[nodiscard]] message::PipelineDefinition definition() const override;
    [[nodiscard]] LoadProfile defaultProfile() const override;
    [[nodiscard]] QList<Knob> knobs() const override;
    void setKnob(const QString& key, double value) override;
    [[nodiscard]] QString knobLabel(const QString& key) const override;

protected:
    [[nodiscard]] QCoro::Task<Result<void>> prepare() override;
    [[nodiscard]] std::vector<std::unique_ptr<client::Worker>> makeWorkers() override;
    [[nodiscard]] QFuture<Result<std::uint64_t>> prepareInput(std::uint64_t count) override;
    [[nodiscard]] message::Message makeMessage(std::uint64_t number) const override;
    [[nodiscard]] QFuture<Result<Findings>> findResults(std::vector<Fate> fates) override;
    [[nodiscard]] QString inputProblem(const base::Error& error) const override;
    [[nodiscard]] std::vector<std::shared_ptr<void>> release() override;

private:
    /// The pictures of one submission, taken in turn. Written by a pool thread before the
    /// submission begins.
    struct Input
    {
        std::uint64_t first = 0;
        QStringList paths;
        std::vector<qint64> sizes; ///< of the files, in bytes
    };
    struct Picture
    {
        QString path;
        qint64 bytes = 0;
    };
    [[nodiscard]] static Picture pictureOf(const std::vector<std::shared_ptr<Input>>& inputs,
                                           std::uint64_t number);

    QString m_folder;
    std::vector<std::shared_ptr<Input>> m_inputs;
    std::shared_ptr<QThreadPool> m_decoders; ///< shared with the handlers
};

} // namespace millrace::handlers
