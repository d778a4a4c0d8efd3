// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/viewmodels/workloads_view_model.h"

#include <QFrame>
#include <QTimer>

class QDoubleSpinBox;
class QFormLayout;
class QGridLayout;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QVBoxLayout;

namespace millrace::desktop {

class PlainLabel;

/// One workload: what it does, how much and how fast, its knobs, Start and Stop, and how far it is. Thread: gui.
class WorkloadCard : public QFrame
{
    Q_OBJECT

public:
    explicit WorkloadCard(WorkloadCardModel* model, QWidget* parent = nullptr);

    /// False: shows nothing new until it is true again.
    void setLive(bool live);
    [[nodiscard]] QPushButton* startButton() const { return m_start; }
    [[nodiscard]] QString statusText() const;
    [[nodiscard]] QString figureText(int index) const;
    [[nodiscard]] QString errorText() const;

private:
    void buildHead(QVBoxLayout* column);
    void buildFolder(QVBoxLayout* column);
    void buildProfile(QVBoxLayout* column);
    void buildKnobs(QVBoxLayout* column);
    void addKnob(QGridLayout* grid, int row, const handlers::Knob& knob);
    void buildProgress(QVBoxLayout* column);
    void chooseFolder();
    void showFolder();
    void takeProfile();
    void showProfile();
    void onChanged();
    void refresh();
    [[nodiscard]] QString phaseText(const WorkloadCardModel::Counts& counts) const;

    WorkloadCardModel* m_model;
    QSpinBox* m_count = nullptr;
    QDoubleSpinBox* m_rate = nullptr;
    QSpinBox* m_burst = nullptr;
    PlainLabel* m_folder = nullptr;
    QPushButton* m_start = nullptr;
    QProgressBar* m_bar = nullptr;
    PlainLabel* m_status = nullptr;
    QList<PlainLabel*> m_figures; ///< submitted, acknowledged, retried, dead
    PlainLabel* m_error = nullptr;
    QTimer m_repaint; ///< one repaint for many changes
    bool m_live = false;
};

} // namespace millrace::desktop
